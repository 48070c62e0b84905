import type { AgentEvent, Effect } from '../../core/bdi/event.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { CycleInput } from '../agent-host.ts';
import type { AgentMessages } from '../report/recording.ts';

/** What the agents of a run ask of it. */
export interface FleetEvents {
  onAct(agent: AgentId, effect: Extract<Effect, { kind: 'act' }>): void;
  onAbort(agent: AgentId, token: number): void;
}

/** The agents of a run, wherever they live: all in this process, or each in one of its own. */
export interface AgentFleet {
  readonly specs: readonly AgentSpec[];
  /** Resolves once every agent is ready to be given something. */
  start(): Promise<void>;
  post(agent: AgentId, event: AgentEvent): void;
  /** Ends an agent without notice. */
  kill(agent: AgentId): void;
  /** The run's clock has been set forward. */
  clockSet(): void;
  /** Ends all agents; what they have reasoned so far is recorded then. Idempotent. */
  close(): Promise<void>;
  /** Inputs of every cycle so far, for a replay. */
  readonly inputs: readonly CycleInput[];
  messageCounts(): readonly AgentMessages[];
}
