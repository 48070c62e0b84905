import type { Command } from 'commander';
import { Option } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import type { PipelineAddress } from '../../../protocol/ledger.ts';
import { readPipelineFile } from '../../../runtime/ledger/open-ledger.ts';

export interface LedgerFlags {
  readonly url?: string;
  readonly pipeline?: string;
}

/** Where the ledger is: the same for every verb. */
export function withLedgerFlags(command: Command): Command {
  return command
    .addOption(new Option('--url <url>', 'JSON-RPC of a node of the ledger (default: MUSTER_LEDGER)'))
    .option('--pipeline <file>', 'JSON that says where the pipeline is: chain, contracts, first block');
}

/** @throws USAGE when a flag is missing, BAD_FILE. */
export async function ledgerOf(
  flags: LedgerFlags,
): Promise<{ readonly url: string; readonly pipeline: PipelineAddress }> {
  const url = flags.url ?? process.env['MUSTER_LEDGER'];
  if (url === undefined || !/^https?:\/\//.test(url)) {
    throw new MusterError('USAGE', 'which ledger? --url is missing, or no http URL', {
      hint: '--url http://127.0.0.1:8545, or MUSTER_LEDGER in the environment',
    });
  }
  if (flags.pipeline === undefined) {
    throw new MusterError('USAGE', 'which pipeline? --pipeline is missing', {
      hint: '--pipeline pipeline.json',
    });
  }
  return { url, pipeline: await readPipelineFile(flags.pipeline) };
}
