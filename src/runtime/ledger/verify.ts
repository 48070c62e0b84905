import type { VerifyReport } from '../../adapters/ledger-rpc/verify-ledger.ts';
import { verifyLedger } from '../../adapters/ledger-rpc/verify-ledger.ts';
import { CheckpointSchema } from '../../protocol/checkpoint.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { PipelineAddress } from '../../protocol/ledger.ts';
import { readJsonFile } from './open-ledger.ts';

/** Checks a ledger against a checkpoint's file. @throws BAD_FILE, USAGE, LEDGER_FAILED. */
export async function verifyAgainst(options: {
  readonly url: string;
  readonly pipeline: PipelineAddress;
  readonly operator: string;
  readonly checkpointFile: string;
}): Promise<VerifyReport> {
  const { url, pipeline, operator, checkpointFile } = options;
  if (!/^0x[0-9a-fA-F]{40}$/.test(operator)) {
    throw new MusterError('USAGE', `${operator} is no account of an operator`, {
      hint: '0x and 40 hexadecimal digits',
    });
  }
  const checkpoint = await readJsonFile(
    checkpointFile,
    CheckpointSchema,
    'a checkpoint, as agents co-sign it',
  );
  return verifyLedger({ url, pipeline, checkpoint, operator: `0x${operator.slice(2).toLowerCase()}` });
}
