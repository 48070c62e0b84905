import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import type { Hex, LedgerBlock } from '../../protocol/ledger.ts';

/** Blocks that somebody may still ask for: who follows the ledger is seldom further ahead of another. */
const KEPT = 64;

export interface StateAt {
  readonly number: number;
  readonly hash: Hex;
  readonly state: LedgerState;
}

/** What the ledger said up to each of its newest blocks. */
export class RecentStates {
  #states: StateAt[] = [];

  get newest(): StateAt | undefined {
    return this.#states.at(-1);
  }

  add({ number, hash }: Pick<LedgerBlock, 'number' | 'hash'>, state: LedgerState): void {
    // A block may come in pieces: the last one has it whole.
    this.#states = [...this.#states.filter((each) => each.number < number), { number, hash, state }].slice(
      -KEPT,
    );
  }

  at(number: number): StateAt | undefined {
    return this.#states.find((each) => each.number === number);
  }
}
