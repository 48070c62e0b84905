import type { Ipv4, LinkId, NodeName } from '../protocol/ids.ts';
import type { AttackSpec, FunctionSpec, Scenario, UserGroup } from '../protocol/scenario.ts';
import type { Clock } from './clock.ts';
import type { DataPlane } from './data-plane.ts';
import type { Random } from './random.ts';

export interface TestbedOptions {
  readonly scenario: Scenario;
  readonly random: Random;
  readonly clock: Clock;
  /** Told of progress in words, e.g. "starting 30 users". */
  readonly onProgress?: (text: string) => void;
}

/** One request of one legitimate user, as the user saw it. */
export interface RequestRecord {
  readonly user: Ipv4;
  readonly group: string;
  readonly target: NodeName;
  readonly startMs: number;
  readonly endMs: number;
  /** Body bytes received (uploads: sent and acknowledged by the server's answer). */
  readonly bytes: number;
  /** The whole body came in time: a page within 2 s, a video chunk within its play time. */
  readonly inTime: boolean;
  readonly outcome: 'done' | 'late' | 'failed' | 'left';
}

/** Cumulative truth about the traffic over one guarded link: for the report alone, never for an agent. */
export interface TruthCounters {
  /** Delivered bytes by the link, all. */
  readonly totalBytes: number;
  /** Delivered bytes that legitimate users sent. */
  readonly legitimateBytes: number;
  /** Bytes that attackers sent towards the link. */
  readonly attackOfferedBytes: number;
  /** Bytes of attackers that the link delivered. */
  readonly attackDeliveredBytes: number;
}

/** Who really attacks whom; for the report alone. */
export interface GroundTruth {
  readonly attackers: readonly { address: Ipv4; attack: string; target: NodeName }[];
  readonly users: readonly { address: Ipv4; group: string }[];
}

/**
 * A data plane with the people on it. Order of life: `build`, `deploy` each server function on the host that won it,
 * `startUsers`, `startAttack` when due, `destroy` (idempotent, also after a failed build; removes all it made).
 */
export interface Testbed {
  readonly plane: DataPlane;
  build(): Promise<void>;
  /** Starts a server function (web-server) on a host; afterwards `addressOf(host)` answers requests. */
  deploy(spec: FunctionSpec, host: NodeName): Promise<void>;
  /** Takes a server function down again; one that was never deployed is no error. */
  undeploy(spec: FunctionSpec): Promise<void>;
  /** Starts the users of a group; they go on until `stopUsers` or destroy. */
  startUsers(group: UserGroup): Promise<void>;
  stopUsers(group: UserGroup): Promise<void>;
  /** Sends one burst of an attack until `untilMs`: the caller deals with pulses. */
  startAttack(attack: AttackSpec, untilMs: number): Promise<void>;
  /** Requests ended since the last call, in order of their end. */
  takeRequests(): RequestRecord[];
  truthOf(link: LinkId, done: (counters: TruthCounters) => void): void;
  truth(): GroundTruth;
  destroy(): Promise<void>;
}
