import type { Agent } from '../../core/bdi/agent.ts';

const BUILT_IN = ['auction', 'orchestrator', 'placing-wishes'];

/** Capabilities that an agent has active now, besides those that are there to talk with others. */
export function rolesOf({ state }: Agent): readonly string[] {
  return state.model.capabilities
    .filter((each, index) => state.active[index] === true && !BUILT_IN.includes(each.name))
    .map((each) => each.name);
}
