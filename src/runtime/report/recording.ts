import type { GroundTruth, RequestRecord, TruthCounters } from '../../ports/testbed.ts';
import type { LinkId } from '../../protocol/ids.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { PlaneRule } from '../../protocol/plane.ts';
import type { WithheldTime } from '../../protocol/report.ts';
import type { Scenario } from '../../protocol/scenario.ts';

/** A stretch of time, ms from the scenario's start: `startMs` belongs to it, `endMs` does not. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

/** Cumulative truth about one link at one moment; taken every 250 ms from each guarded or monitored link. */
export interface TruthSample {
  readonly tMs: number;
  readonly link: LinkId;
  readonly counters: TruthCounters;
}

/** ACL messages of one agent over the whole run, and the roles that it had won at its end. */
export interface AgentMessages {
  readonly agent: string;
  readonly sent: number;
  readonly received: number;
  readonly roles: readonly string[];
}

/** All that is kept of a run: the one input of its report. Times are ms from the scenario's start. */
export interface Recording {
  readonly scenario: Scenario;
  readonly plane: 'twin' | 'linux';
  readonly seed: number;
  readonly defence: 'on' | 'off';
  /** How long it really ran: shorter than the scenario says when it was interrupted. */
  readonly durationMs: number;
  /** sha256 of the recording, as `report.json` carries it; null where agents were processes of their own. */
  readonly traceHash: string | null;
  /** In the order in which it was written. */
  readonly journal: readonly JournalEntry[];
  readonly requests: readonly RequestRecord[];
  readonly truth: GroundTruth;
  readonly truthSamples: readonly TruthSample[];
  /** Rules in force when the run ended. */
  readonly rulesLeft: readonly PlaneRule[];
  /** IPv4 address of each host, and of each server function under its own name. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly firstAttackPacketMs: number | null;
  readonly messageCounts: readonly AgentMessages[];
  /** Every burst of every attack as it really ran; an attack without pulses is one burst. */
  readonly pulses: readonly Interval[];
  /** What the machine did not get of its processors from warm-up to end; absent where time is virtual. */
  readonly withheld?: WithheldTime;
}
