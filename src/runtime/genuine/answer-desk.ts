import type { Reference } from '../../protocol/decision-disclosure.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { Registry } from '../registry/registry.ts';

/** Answers that sites may wait for at a time. */
const MOST_WANTED = 1000;

export interface AnswerDeskOptions {
  registry(): Registry | undefined;
  /** The account of a site's guard. */
  accountOf(site: string): Hex | undefined;
  give(site: string, round: number, answer: Hex, reference: Reference): void;
}

/** Where guards of verifiers ask for the answers of rounds; one may have seen the block before the registry has. */
export class AnswerDesk {
  readonly #options: AnswerDeskOptions;
  #wanted: { readonly site: string; readonly round: number }[] = [];

  constructor(options: AnswerDeskOptions) {
    this.#options = options;
  }

  ask(site: string, round: number): void {
    const known = this.#wanted.some((each) => each.site === site && each.round === round);
    if (!known && this.#wanted.length < MOST_WANTED) this.#wanted.push({ site, round });
    this.serve();
  }

  /** Gives out what may be given by now. */
  serve(): void {
    const { registry, accountOf, give } = this.#options;
    const from = registry();
    this.#wanted = this.#wanted.filter(({ site, round }) => {
      const account = accountOf(site);
      const found = account === undefined ? undefined : from?.answerFor(round, account);
      if (found === undefined) return from?.mayBeAnswered(round) === true;
      give(site, round, found.answer, found.reference);
      return false;
    });
  }
}
