import type { Socket } from 'node:net';
import type { ControlLine } from '../protocol/control-line.ts';
import type { Measurement } from '../protocol/measurement.ts';

/** What an agent is started from, and what it may be found to be. */
export interface AgentSpec {
  readonly name: string;
  readonly program:
    | {
        readonly kind: 'node';
        /** Absolute path of the Node that runs it. */
        readonly executable: string;
        /** Its major version: options differ. */
        readonly major: number;
        /** Further options of Node; the permission model and the rest are set anyway. */
        readonly flags: readonly string[];
        /** One module without imports of its own, handed over as bytes. */
        readonly bundle: Uint8Array;
      }
    | {
        readonly kind: 'native';
        /** Absolute path of an ELF program that the agent's user cannot write to. */
        readonly executable: string;
      };
  readonly arguments: readonly string[];
  /** All of it: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Needs root; without it the agent runs as the guard's own user. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly limits: AgentLimits;
  /** Connected sockets that it gets as descriptors 4, 5, ...: it opens none itself. */
  readonly given?: readonly Socket[];
  /** Its niceness, -20 to 19; absent: the guard's own. */
  readonly priority?: number;
}

export interface AgentLimits {
  /** Whether V8 may compile (`v8`), or no code may be made at run time (`none`: native programs, `node --jitless`). */
  readonly runtimeCode: 'none' | 'v8';
  readonly maxRuntimeCodeBytes: number;
  readonly maxThreads: number;
}

/** A running agent. */
export interface AgentHandle {
  readonly pid: number;
  /** Clock ticks since boot; with `pid` and `bootId` it names one process for ever. */
  readonly startTime: number;
  readonly bootId: string;
  readonly argv: readonly string[];
  /** sha256 of the bundle as it was sent, or of the native program as it was started, hexadecimal. */
  readonly bundleSha256: string;
  /** False when the agent does not read what it is sent, or has gone. */
  send(line: ControlLine): boolean;
  readonly ended: Promise<AgentEnd>;
  /** The last of what it wrote, bounded. */
  logs(): { readonly stdout: string; readonly stderr: string };
}

export interface AgentEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** Why the guard killed it, if it did. */
  readonly reason: string | undefined;
}

/** What hardware adds to a measurement: bound to the nonce, checked by whoever verifies. */
export interface Quote {
  readonly kind: 'tpm2';
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
  readonly pcrs: Uint8Array;
  /** Public part of the attestation key, PEM. */
  readonly publicKey: string;
}

export type Evidence =
  | { readonly ok: true; readonly measurement: Measurement; readonly quote?: Quote }
  /** The agent has been killed by the time this is told. */
  | { readonly ok: false; readonly measurement: Measurement };

/** Starts agents and says what they are: software measurement, with or without hardware behind it. */
export interface EvidenceSource {
  /** Resolves once the agent has said its first line. Throws MusterError when it does not come that far. */
  start(spec: AgentSpec, onLine: (line: ControlLine) => void): Promise<AgentHandle>;
  /** Measures now; `nonce` has 32 bytes. On a finding the agent is killed first. */
  measure(handle: AgentHandle, nonce: Uint8Array): Promise<Evidence>;
  /**
   * Light probes of all agents, for once a second, and with the number of the `turn` full measurements of a tenth of them, which also see
   * what leaves no mark on pages; answers those that were killed for what was found.
   */
  sweep(turn?: number): Promise<ReadonlyMap<AgentHandle, Measurement['findings']>>;
  stop(handle: AgentHandle): Promise<void>;
  close(): Promise<void>;
}
