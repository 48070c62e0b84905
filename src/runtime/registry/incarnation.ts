import { randomBytes } from 'node:crypto';
import { hashing } from '../../adapters/keys/hashing.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import type { Challenge, ChallengeBatch } from '../../core/attestation/challenge.ts';
import { challengeBatch } from '../../core/attestation/challenge.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';

/** Challenges of a batch. */
const BATCH = 32;

/** What the registry keeps of one incarnation: its reference value, and challenges with their answers, each to be used once. */
export class Incarnation {
  readonly order: SpawnOrder;
  readonly #reference: Hex;
  readonly #waiting: Challenge[] = [];
  /** Answers by nonce, of challenges that have been put. */
  readonly #put = new Map<Hex, Hex>();
  #next = 0;
  #usedTo = -1;

  constructor(order: SpawnOrder, reference: Hex) {
    this.order = order;
    this.#reference = reference;
  }

  /** Of the batch in use; undefined: the ledger is not known to have its root yet. */
  #rootOnLedger: Hex | undefined;
  #root: Hex | undefined;

  /** Draws a batch; its root goes to the ledger before any of it is put. */
  draw(): ChallengeBatch {
    const nonces = Array.from({ length: BATCH }, () => toHex(randomBytes(32)));
    const batch = challengeBatch(this.#reference, this.#next, nonces, hashing);
    this.#next += BATCH;
    this.#root = batch.root;
    this.#waiting.push(...batch.challenges);
    return batch;
  }

  /** How many have been drawn in all. */
  get drawn(): number {
    return this.#next;
  }

  /** The ledger knows the root of the last batch alone: the next is drawn when this one is used up. */
  isUsedUp(): boolean {
    return this.#waiting.length === 0;
  }

  /** The root of a batch that the ledger has not been seen to hold: it is to be sent, again if need be. */
  rootToSend(): Hex | undefined {
    return this.#root === this.#rootOnLedger ? undefined : this.#root;
  }

  /** The ledger has that root. */
  rootSeen(root: Hex): void {
    this.#rootOnLedger = root;
  }

  /** The ledger has opened a round with that challenge, whoever sent it and whatever was answered: it and those before are gone. */
  used(index: number): void {
    this.#usedTo = Math.max(this.#usedTo, index);
    while (this.#waiting[0] !== undefined && this.#waiting[0].index <= index) this.take();
  }

  /** The next challenge; it never comes again. */
  take(): Challenge | undefined {
    const challenge = this.#waiting.shift();
    if (challenge !== undefined) this.#put.set(challenge.nonce, challenge.answer);
    return challenge;
  }

  /**
   * Puts a challenge back that the ledger has not opened as far as is known. Its answer stays at hand: a call that was not answered
   * in time may still have happened, and then `used` takes it out again.
   */
  giveBack(challenge: Challenge): void {
    if (challenge.index > this.#usedTo) this.#waiting.unshift(challenge);
  }

  answerOf(nonce: Hex): Hex | undefined {
    return this.#put.get(nonce);
  }

  commitment(): Hex {
    return hashing.keccak256(this.#reference);
  }
}
