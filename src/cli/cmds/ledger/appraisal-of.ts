import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { LedgerLine } from '../../../core/ledger/ledger-lines.ts';
import { Hex32Schema } from '../../../protocol/agent-control.ts';
import { MusterError } from '../../../protocol/errors.ts';
import { appraisalSentence } from '../../../runtime/fleet/appraisals.ts';
import { readUpFile } from '../../../runtime/up/up-file.ts';
import { askUp } from '../../ask-up.ts';
import type { LedgerFlags } from './ledger-flags.ts';

const AnswerSchema = z.object({ text: z.string().max(2000) });
const VerdictSchema = z.object({ appraisalHash: Hex32Schema });

/**
 * What a verdict rests on, as what is up here tells it: the ledger has but the hash, which the text is held against. Undefined: the
 * entry is no verdict, it is of a ledger elsewhere, or nobody knows any more.
 */
export async function appraisalOf(
  { event, details }: LedgerLine,
  flags: LedgerFlags,
): Promise<{ readonly text: string; readonly sentence: string } | undefined> {
  const elsewhere = flags.url !== undefined || flags.pipeline !== undefined;
  const up = elsewhere || process.env['MUSTER_LEDGER'] !== undefined ? undefined : readUpFile();
  const verdict = VerdictSchema.safeParse(details).data;
  if (event !== 'VerdictGiven' || verdict === undefined || up === undefined) return undefined;
  const { appraisalHash } = verdict;
  const answer = await askUp(up, 'GET', `/v1/appraisals/${appraisalHash}`).catch((error: unknown) => {
    // One that was given long ago is no mistake of who asks.
    if (error instanceof MusterError) return undefined;
    throw error;
  });
  const text = AnswerSchema.safeParse(answer).data?.text;
  if (text === undefined) return undefined;
  if (`0x${createHash('sha256').update(text).digest('hex')}` !== appraisalHash) return undefined;
  return { text, sentence: appraisalSentence(text).trim() || text };
}
