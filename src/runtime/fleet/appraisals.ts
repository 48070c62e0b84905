import { z } from 'zod';
import type { Hex, LedgerEvent } from '../../protocol/ledger.ts';
import { sha256 } from '../guard/expected.ts';

/** Appraisals whose verdict has not been seen yet. */
const MOST_WAITING = 1000;

const TextSchema = z.looseObject({
  decisions: z.number().optional(),
  executed: z.number().optional(),
  reason: z.string().min(1).max(400).optional(),
});

/** What verdicts rest on: told by verifiers beside the ledger, which holds the hash of it. */
export class Appraisals {
  readonly #texts = new Map<Hex, string>();

  take(text: string): void {
    this.#texts.set(`0x${sha256(text)}`, text);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > MOST_WAITING && oldest !== undefined) this.#texts.delete(oldest);
  }

  /** What a verdict rests on, as a sentence to follow its own; empty: nobody has told. */
  sentenceFor(event: LedgerEvent): string {
    if (event.kind !== 'VerdictGiven') return '';
    const text = this.#texts.get(event.appraisalHash);
    this.#texts.delete(event.appraisalHash);
    return text === undefined ? '' : sentenceOf(text);
  }
}

function sentenceOf(text: string): string {
  const parsed = TextSchema.safeParse(json(text));
  if (!parsed.success) return '';
  const { decisions, executed, reason } = parsed.data;
  const why = reason === undefined ? '' : ` ${reason[0]?.toUpperCase()}${reason.slice(1)}.`;
  if (decisions === undefined || executed === undefined) return why;
  return ` ${executed} of ${decisions} decisions were executed again.${why}`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
