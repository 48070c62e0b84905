import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { journalLeaf } from '../../adapters/keys/journal-leaf.ts';
import type { VerifyOptions, VerifyReport } from '../../adapters/ledger-rpc/verify-ledger.ts';
import { verifyLedger } from '../../adapters/ledger-rpc/verify-ledger.ts';
import { CheckpointSchema } from '../../protocol/checkpoint.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Hex, PipelineAddress } from '../../protocol/ledger.ts';
import type { RunRecord } from '../../protocol/run-record.ts';
import { PROOF_FILES, readAnchors, readJournal } from '../run-files.ts';
import { withKeptLedger } from './kept-ledger.ts';
import { readJsonFile, readPipelineFile } from './open-ledger.ts';

/** A report, and whose word it was held against. */
export interface Verified {
  readonly report: VerifyReport;
  readonly operator: Hex;
}

const CHECKPOINT = 'a checkpoint, as agents co-sign it';

/**
 * Checks a ledger against a checkpoint's file, and the journal of a run, if one is given, against the ledger.
 * @throws BAD_FILE, NOT_FOUND, USAGE, LEDGER_FAILED.
 */
export async function verifyAgainst(options: {
  readonly url: string;
  readonly pipeline: PipelineAddress;
  readonly operator: string;
  readonly checkpointFile: string;
  /** Directory of a run. */
  readonly journal?: string;
}): Promise<Verified> {
  const { url, pipeline, operator: text, checkpointFile } = options;
  const operator = accountOf(text);
  const checkpoint = await readJsonFile(checkpointFile, CheckpointSchema, CHECKPOINT);
  const journal = options.journal === undefined ? {} : { journal: await journalOf(options.journal) };
  return { report: await verifyLedger({ url, pipeline, checkpoint, operator, ...journal }), operator };
}

/**
 * Checks a recorded run: its ledger from a copy of what it has kept (or from `url`), and its journal against that.
 * @throws BAD_FILE, NOT_FOUND, USAGE, LEDGER_DAMAGED, LEDGER_FAILED.
 */
export async function verifyRun(
  dir: string,
  options: { readonly operator?: string; readonly url?: string },
): Promise<Verified> {
  await refuseWithoutCheckpoint(dir);
  const pipeline = await readPipelineFile(join(dir, PROOF_FILES.pipeline));
  const checkpoint = await readJsonFile(join(dir, PROOF_FILES.checkpoint), CheckpointSchema, CHECKPOINT);
  const operator = options.operator === undefined ? checkpoint.operator : accountOf(options.operator);
  const journal = await journalOf(dir);
  const check = (url: string) => verifyLedger({ url, pipeline, checkpoint, operator, journal });
  const report = await (options.url === undefined
    ? withKeptLedger(dir, pipeline.chainId, check)
    : check(options.url));
  return { report, operator };
}

/** Checks what is up here. @throws USAGE, UNSATISFIED while nothing is co-signed yet, LEDGER_FAILED. */
export async function verifyRecord(record: RunRecord, operatorText?: string): Promise<Verified> {
  const { url, pipeline, checkpoint, batches, lines } = record;
  if (checkpoint === null) {
    throw new MusterError('UNSATISFIED', 'no block of this ledger has been co-signed yet', {
      hint: 'ask again in a few seconds',
    });
  }
  const operator = operatorText === undefined ? record.operator : accountOf(operatorText);
  const journal = { batches, lines: lines.map((line) => lineOf(line)), goesOn: true };
  return { report: await verifyLedger({ url, pipeline, checkpoint, operator, journal }), operator };
}

async function journalOf(dir: string): Promise<NonNullable<VerifyOptions['journal']>> {
  const [batches, { lines }] = await Promise.all([readAnchors(dir), readJournal(dir)]);
  return { batches, lines: lines.map((line) => lineOf(line)), goesOn: false };
}

function lineOf(line: string) {
  // For people: whose line it is is proven by its leaf.
  const id = /"id":"([^"\\]{1,200})"/.exec(line)?.[1] ?? 'an entry without a name';
  return { id, leaf: journalLeaf(line) };
}

function accountOf(text: string): Hex {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return `0x${text.slice(2).toLowerCase()}`;
  throw new MusterError('USAGE', `${text} is no account of an operator`, {
    hint: '0x and 40 hexadecimal digits',
  });
}

async function refuseWithoutCheckpoint(dir: string): Promise<void> {
  const found = await stat(join(dir, PROOF_FILES.checkpoint)).catch(() => undefined);
  if (found !== undefined) return;
  throw new MusterError(
    'NOT_FOUND',
    `${dir} holds no ${PROOF_FILES.checkpoint}: nobody has co-signed its ledger`,
    {
      hint: 'run one with genuine agents: bin/muster scenario run demo --genuine --out DIR',
    },
  );
}
