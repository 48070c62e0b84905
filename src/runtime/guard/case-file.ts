import type { Reference } from '../../protocol/decision-disclosure.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { PlatformQuote } from '../../protocol/platform.ts';

/** What a guard judges a round by, besides the ledger. */
export interface Case {
  /** From the holders of its shares. */
  readonly answer: Hex;
  /** From the registry. */
  readonly told: { readonly reference: Reference; readonly quote?: PlatformQuote | undefined };
}

/** Both halves of the cases that a guard is to judge; what comes of rounds that nobody has to judge is not kept. */
export class CaseFile {
  readonly #isOpen: (round: number) => boolean;
  readonly #cases = new Map<number, Partial<Case>>();

  constructor(isOpen: (round: number) => boolean) {
    this.#isOpen = isOpen;
  }

  put(round: number, half: Partial<Case>): void {
    for (const each of this.#cases.keys()) if (!this.#isOpen(each)) this.#cases.delete(each);
    if (this.#isOpen(round)) this.#cases.set(round, { ...this.#cases.get(round), ...half });
  }

  /** Undefined: one half is not there yet. */
  of(round: number): Case | undefined {
    const { answer, told } = this.#cases.get(round) ?? {};
    return answer === undefined || told === undefined ? undefined : { answer, told };
  }
}
