import type { ServiceGraph } from '../protocol/service-graph.ts';
import type { ImageTarget } from '../protocol/site-config.ts';
import type { UnitEntry } from '../protocol/unit-doors.ts';

/** A unit to be started: one VDU instance on one host. */
export interface UnitOrder {
  /** Names the unit for ever: ordering the same id again while it runs is no second start. */
  readonly id: string;
  readonly service: string;
  readonly unit: ServiceGraph['units'][number];
  readonly host: string;
  /** What the site's mapping gives for the VDU's image. */
  readonly image: ImageTarget;
  /** Interfaces in their order; `link` is the virtual link of this service that each is joined to: others' of the same name are others. */
  readonly interfaces: readonly { readonly name: string; readonly link: string; readonly address?: string }[];
  /** Cloud-init user data, placeholders filled in. */
  readonly cloudInit?: string;
  readonly parameters: Readonly<Record<string, string>>;
  /**
   * Unit whose place it takes: for a while both run and have the same addresses. Chains lead through them by name; who asks for the address
   * itself may find either.
   */
  readonly insteadOf?: string;
}

export type UnitState = 'starting' | 'running' | 'failed' | 'stopped';

export interface RunningUnit {
  readonly id: string;
  readonly service: string;
  readonly host: string;
  readonly state: UnitState;
  /** Address by the name of the interface. */
  readonly addresses: Readonly<Record<string, string>>;
  /** Why it failed, in words. */
  readonly reason?: string;
}

/** One step of a chain: what comes to the unit goes in at one of its interfaces and out at another, maybe the same. */
export interface ChainHop {
  readonly unit: string;
  /**
   * Others of its kind, with interfaces of the same names: each flow goes through one of them all, always the same one and also on its way
   * back (`carrierOf`).
   */
  readonly beside?: readonly string[];
  readonly ingress: string;
  readonly egress: string;
}

/** Flows that go through units one after the other; what is undefined matches anything. Replies take the way back. */
export interface ChainOrder {
  /** Names the chain for ever: setting it again with other hops changes it, make before break. */
  readonly id: string;
  readonly service: string;
  readonly match: {
    readonly protocol?: number;
    readonly source?: string;
    readonly destination?: string;
    readonly sourcePort?: number;
    readonly destinationPort?: number;
  };
  readonly hops: readonly ChainHop[];
}

export interface UnitUsage {
  readonly id: string;
  /** Seconds of processor time since it started. */
  readonly cpuSeconds: number;
  readonly memoryMib: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly receivedPackets: number;
  readonly sentPackets: number;
}

export interface ExecResult {
  readonly exitCode: number;
  /** At most 64 KiB each; what is beyond is cut. */
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * What runs functions on the hosts of one or more sites (ETSI's NFVI and VIM in one). Everything it makes carries Muster's mark and the
 * unit's id, so that after a crash `list` finds what runs and it is adopted, not started twice. Calls may be repeated: a repeated call
 * brings about the same state.
 */
export interface Infrastructure {
  readonly kind: 'twin' | 'linux';
  start(order: UnitOrder): Promise<RunningUnit>;
  /** Of one that is not there: no error. */
  stop(unit: string): Promise<void>;
  /**
   * Cuts a unit off from its virtual links for good: its site is silent, and others take its addresses. It counts as failed until it is
   * stopped. Absent: units at a silent site are cut off already.
   */
  fence?(unit: string): Promise<void>;
  list(): Promise<readonly RunningUnit[]>;
  setChain(order: ChainOrder): Promise<void>;
  removeChain(chain: string): Promise<void>;
  usage(unit: string): Promise<UnitUsage>;
  /** A primitive is a command of its name, with `KEY=VALUE` for each parameter. @throws NOT_FOUND for one that is not there. */
  exec(unit: string, command: readonly string[], timeoutMs: number): Promise<ExecResult>;
  /** The last lines of its output, at most `maxBytes`. */
  logs(unit: string, maxBytes: number): Promise<string>;
  /** Where root of this machine enters a unit. Absent: units are models. @throws NOT_FOUND, or CONFLICT for one that does not run. */
  entry?(unit: string): Promise<UnitEntry>;
  /** Told when a unit ends by itself or its health check fails; answers how to stop listening. */
  onChange(listener: (unit: RunningUnit) => void): () => void;
}
