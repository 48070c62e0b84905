import type { LinkId, NodeName } from '../protocol/ids.ts';
import type { Outcome, PlaneCommand, PlaneQuery, PlaneReading } from '../protocol/plane.ts';

/** Something a data plane can or cannot do here, for `muster doctor`. */
export interface PlaneFeature {
  readonly name: string;
  readonly available: boolean;
  readonly detail: string;
  /** What to do about it when it is not available. */
  readonly mend?: string;
}

/**
 * What carries packets. Answers come by callback on the same clock the agents live on, so that the twin stays
 * deterministic; they never come before the call has returned. Once destroyed, every call answers an error.
 */
export interface DataPlane {
  readonly kind: 'twin' | 'linux';
  /** Carries out one command; commands of one caller take effect in the order they were given. */
  execute(command: PlaneCommand, done: (outcome: Outcome<null>) => void): void;
  /** Reads one measurement. */
  measure(query: PlaneQuery, done: (outcome: Outcome<PlaneReading>) => void): void;
  /** Links on which rules can be set: those with a stated capacity. */
  guardedLinks(): readonly LinkId[];
  /** Where a node of the topology is attached: its address on the data plane. */
  addressOf(node: NodeName): string | undefined;
}
