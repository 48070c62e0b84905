import type { Agent } from '../../core/bdi/agent.ts';

const BUILT_IN = ['auction', 'orchestrator'];

/** Capabilities that an agent has active now, besides those that every agent has. */
export function rolesOf({ state }: Agent): readonly string[] {
  return state.model.capabilities
    .filter((each, index) => state.active[index] === true && !BUILT_IN.includes(each.name))
    .map((each) => each.name);
}
