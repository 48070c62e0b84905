import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { PipelineOptions } from './pipeline-options.ts';

/** An agent that decides otherwise one time in ten is caught in a round with 1 - 0.9^16 = 81 %. */
const DRAWS = 16;

/** What every agent of a pipeline is told alike. */
export interface Surroundings {
  /** Those there are now. */
  readonly specs: readonly AgentSpec[];
  /** Chain, genesis and contract: what is signed and sealed is bound to it. */
  readonly pipeline: string;
  /** What telemetry is sealed to. */
  readonly collector: Hex;
}

/** The configuration that an incarnation of an agent is started with. */
export function describeAgent(
  agent: AgentId,
  incarnation: number,
  { specs, pipeline, collector }: Surroundings,
  {
    scenario,
    startMs,
    zeroNs,
    draws,
    placing,
  }: Pick<PipelineOptions, 'scenario' | 'startMs' | 'zeroNs' | 'draws' | 'placing'>,
): AgentConfig {
  const keepsBook = placing?.books.some((each) => each.agent === agent) === true;
  return {
    name: agent,
    key: agentKeyOf(agent),
    incarnation,
    pipeline,
    collector,
    startMs,
    zeroNs: String(zeroNs()),
    draws: keepsBook ? 0 : (draws ?? DRAWS),
    agents: [...specs],
    hosts: scenario.topology.hosts,
    functions: scenario.functions,
    ...(keepsBook ? { placing } : {}),
  };
}
