import { randomBytes } from 'node:crypto';
import { hashing } from '../../adapters/keys/hashing.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import type { SharePlan } from '../../core/attestation/answer-shares.ts';
import type { Challenge } from '../../core/attestation/challenge.ts';
import { challengeBatch } from '../../core/attestation/challenge.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';

/** Challenges of a batch. */
const BATCH = 32;
/** Rounds of an agent that may be under way, with room. */
const MOST_PUT = 4;

/** A challenge without its answer: that is with the holders of its shares, or is computed again where the registry judges. */
export type OpenChallenge = Omit<Challenge, 'answer'>;

/** What the registry has at hand of one incarnation: challenges, each to be used once. Neither its reference value nor any answer. */
export class Incarnation {
  readonly order: SpawnOrder;
  /** Who holds shares of its answers, for as long as it lives: its site is its guard's. */
  readonly plan: SharePlan;
  readonly #waiting: OpenChallenge[] = [];
  /** The last that were put. */
  readonly #put: Hex[] = [];
  #next = 0;
  #usedTo = -1;

  constructor(order: SpawnOrder, plan: SharePlan) {
    this.order = order;
    this.plan = plan;
  }

  /** Of the batch in use; undefined: the ledger is not known to have its root yet. */
  #rootOnLedger: Hex | undefined;
  #root: Hex | undefined;

  /** Draws a batch for that reference value; its root goes to the ledger before any of it is put. Answers the nonces. */
  draw(reference: Hex): { readonly root: Hex; readonly nonces: readonly Hex[] } {
    const nonces = Array.from({ length: BATCH }, () => toHex(randomBytes(32)));
    const { root, challenges } = challengeBatch(reference, this.#next, nonces, hashing);
    this.#next += BATCH;
    this.#root = root;
    for (const { answer: _forgotten, ...challenge } of challenges) this.#waiting.push(challenge);
    return { root, nonces };
  }

  /** Nonces that have not been put yet, and those of rounds that may still be under way. */
  nonces(): readonly Hex[] {
    return [...this.#put, ...this.#waiting.map(({ nonce }) => nonce)];
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
  take(): OpenChallenge | undefined {
    const challenge = this.#waiting.shift();
    if (challenge === undefined) return undefined;
    this.#put.push(challenge.nonce);
    if (this.#put.length > MOST_PUT) this.#put.shift();
    return challenge;
  }

  /**
   * Puts a challenge back that the ledger has not opened as far as is known: a call that was not answered in time may still have happened,
   * and then `used` takes it out again.
   */
  giveBack(challenge: OpenChallenge): void {
    if (challenge.index > this.#usedTo) this.#waiting.unshift(challenge);
  }
}
