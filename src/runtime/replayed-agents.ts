import type { Agent } from '../core/bdi/agent.ts';
import type { TraceSink } from '../core/bdi/trace.ts';
import { MusterError } from '../protocol/errors.ts';
import type { Placing } from '../protocol/placing.ts';
import type { Scenario } from '../protocol/scenario.ts';
import type { Born, CycleInput } from './agent-host.ts';
import { agentBuilder, agentSpecs } from './build-agent.ts';

export interface ReplayedAgentsOptions {
  readonly scenario: Scenario;
  /** What those were started with that placed services. */
  readonly placing: Placing | undefined;
  /** What agents were built with that do not say so themselves: those that lived in one process. */
  readonly common: Born;
  sinkOf(agent: string): TraceSink;
}

/** The agents of a recording, each life of one an agent of its own: who comes back knows nothing of what it was. */
export interface ReplayedAgents {
  /** Whom a cycle was of. @throws BAD_FILE for an agent that the scenario does not have. */
  of(input: CycleInput): Agent;
  /** The life of an agent that was given a cycle last, or its first; undefined: there is no such agent. */
  lastOf(name: string): Agent | undefined;
}

export function replayedAgents({ scenario, placing, common, sinkOf }: ReplayedAgentsOptions): ReplayedAgents {
  const { topology, functions } = scenario;
  const specs = agentSpecs(scenario);
  const pipeline = { agents: specs, hosts: topology.hosts, functions, placing };
  const lives = new Map<string, Agent>();
  const last = new Map<string, Agent>();
  const build = (name: string, life: number, { startMs, secret }: Born): Agent | undefined => {
    const spec = specs.find((each) => each.name === name);
    return spec && agentBuilder(pipeline, { startMs, secret, sinkOf, life })(spec).agent;
  };
  return {
    of: ({ agent: name, life = 1, born = common }) => {
      const agent = lives.get(`${name} ${life}`) ?? build(name, life, born);
      if (agent === undefined)
        throw new MusterError('BAD_FILE', `the recording names an unknown agent ${name}`);
      lives.set(`${name} ${life}`, agent);
      last.set(name, agent);
      return agent;
    },
    lastOf: (name) => last.get(name) ?? build(name, 1, common),
  };
}
