import { hashing } from '../../adapters/keys/hashing.ts';
import type { KemKey } from '../../adapters/keys/kem-key.ts';
import { answerOfShares } from '../../core/attestation/answer-shares.ts';
import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { Told } from '../trust/share-request.ts';
import { openShare } from '../trust/share-request.ts';

/** Holders of one answer: more than there can be. */
const MOST_HOLDERS = 16;

export interface ShareCollectorOptions {
  readonly kemKey: KemKey;
  /** This guard's. */
  readonly account: Hex;
  state(): LedgerState;
  /** A holder has told something else than it was dealt; once for each round. */
  onWrong(round: number, holder: string): void;
}

/** A guard's shares of answers that it needs for its verdicts, until they are enough. */
export class ShareCollector {
  readonly #options: ShareCollectorOptions;
  /** By round and holder, the last that each has told. */
  readonly #told = new Map<number, Map<string, Told>>();
  readonly #blamed = new Set<string>();

  constructor(options: ShareCollectorOptions) {
    this.#options = options;
  }

  /** Takes what a holder has told; answers the round's answer as soon as there is one. Whoever tells wrongly is named. */
  async take(pipeline: string, round: number, holder: string, sealed: Hex): Promise<Hex | undefined> {
    const { kemKey, account: guard, state, onWrong } = this.#options;
    const told = await openShare(pipeline, { round, guard, sealed }, kemKey);
    this.#forget();
    const answerHash = state().rounds.get(round)?.answerHash;
    if (told === undefined || answerHash === undefined) return undefined;
    const all = this.#told.get(round) ?? new Map<string, Told>();
    if (all.size >= MOST_HOLDERS && !all.has(holder)) return undefined;
    all.set(holder, told);
    this.#told.set(round, all);
    // Holders may say different things of how many it takes: one of them is right.
    for (const threshold of new Set([...all.values()].map((each) => each.threshold))) {
      const shares = [...all.values()].map(({ share }) => share);
      const found = answerOfShares(shares, threshold, answerHash, hashing);
      if (found === undefined) continue;
      for (const [name, each] of all) {
        const id = `${round} ${name}`;
        if (!found.wrong.includes(each.share.x) || this.#blamed.has(id)) continue;
        this.#blamed.add(id);
        onWrong(round, name);
      }
      return found.answer;
    }
    return undefined;
  }

  /** What was told of rounds that nobody needs to judge any more. */
  #forget(): void {
    const { rounds } = this.#options.state();
    for (const round of this.#told.keys()) {
      if (rounds.get(round)?.phase === 'committed') continue;
      this.#told.delete(round);
      for (const id of this.#blamed) if (id.startsWith(`${round} `)) this.#blamed.delete(id);
    }
  }
}
