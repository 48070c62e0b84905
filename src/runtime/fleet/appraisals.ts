import { z } from 'zod';
import type { Hex, LedgerEvent } from '../../protocol/ledger.ts';
import { sha256 } from '../guard/expected.ts';

/** The newest that are kept for who asks. */
const MOST_KEPT = 1000;

const TextSchema = z.looseObject({
  decisions: z.number().optional(),
  executed: z.number().optional(),
  outputs: z.number().optional(),
  reason: z.string().min(1).max(400).optional(),
});

/** What verdicts rest on: told by verifiers beside the ledger, which holds the hash of it. */
export class Appraisals {
  readonly #texts = new Map<Hex, string>();

  take(text: string): void {
    const hash: Hex = `0x${sha256(text)}`;
    // The newest is the last, also where another verifier has told the same before.
    this.#texts.delete(hash);
    this.#texts.set(hash, text);
    const [oldest] = this.#texts.keys();
    if (this.#texts.size > MOST_KEPT && oldest !== undefined) this.#texts.delete(oldest);
  }

  /** The text behind a hash that a verdict carries; undefined: nobody has told, or it was long ago. */
  textOf(hash: Hex): string | undefined {
    return this.#texts.get(hash);
  }

  /** What a verdict rests on, as a sentence to follow its own; empty: nobody has told. */
  sentenceFor(event: LedgerEvent): string {
    if (event.kind !== 'VerdictGiven') return '';
    const text = this.#texts.get(event.appraisalHash);
    return text === undefined ? '' : appraisalSentence(text);
  }
}

/** An appraisal's text as a sentence that follows another; empty where it tells nothing. */
export function appraisalSentence(text: string): string {
  const parsed = TextSchema.safeParse(json(text));
  if (!parsed.success) return '';
  const { decisions, executed, outputs, reason } = parsed.data;
  const why = reason === undefined ? '' : ` ${reason[0]?.toUpperCase()}${reason.slice(1)}.`;
  if (decisions === undefined || executed === undefined) return why;
  const did =
    outputs === undefined || reason !== undefined
      ? ''
      : `; the ${outputs} commands and messages since its start are those it has decided`;
  return ` ${executed} of ${decisions} decisions were executed again${did}.${why}`;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
