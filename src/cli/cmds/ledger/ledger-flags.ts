import type { Command } from 'commander';
import { Option } from 'commander';
import { z } from 'zod';
import { MusterError } from '../../../protocol/errors.ts';
import type { PipelineAddress } from '../../../protocol/ledger.ts';
import { PipelineAddressSchema } from '../../../protocol/pipeline-file.ts';
import { readPipelineFile } from '../../../runtime/ledger/open-ledger.ts';
import type { UpFile } from '../../../runtime/up/up-file.ts';
import { readUpFile } from '../../../runtime/up/up-file.ts';
import { askUp } from '../../ask-up.ts';

export interface LedgerFlags {
  readonly url?: string;
  readonly pipeline?: string;
}

/** Where the ledger is: the same for every verb. */
export function withLedgerFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--url <url>',
        'JSON-RPC of a node of the ledger (default: MUSTER_LEDGER, or what is up here)',
      ),
    )
    .option(
      '--pipeline <file>',
      'JSON that says where the pipeline is: chain, contracts, first block (default: what is up here)',
    );
}

/** @throws USAGE when a flag is missing, BAD_FILE. */
export async function ledgerOf(
  flags: LedgerFlags,
): Promise<{ readonly url: string; readonly pipeline: PipelineAddress }> {
  const url = flags.url ?? process.env['MUSTER_LEDGER'];
  const up = url === undefined && flags.pipeline === undefined ? readUpFile() : undefined;
  if (up !== undefined) return ledgerOfUp(up);
  if (url === undefined || !/^https?:\/\//.test(url)) {
    throw new MusterError('USAGE', 'which ledger? --url is missing, or no http URL', {
      hint: '--url http://127.0.0.1:8545, or MUSTER_LEDGER in the environment; or muster up first, and neither is needed',
    });
  }
  if (flags.pipeline === undefined) {
    throw new MusterError('USAGE', 'which pipeline? --pipeline is missing', {
      hint: '--pipeline pipeline.json',
    });
  }
  return { url, pipeline: await readPipelineFile(flags.pipeline) };
}

const StatusSchema = z.looseObject({
  ledger: z.looseObject({ url: z.string(), pipeline: PipelineAddressSchema }).nullable(),
});

/** The ledger of the pipeline that runs here. */
async function ledgerOfUp(up: UpFile): Promise<{ readonly url: string; readonly pipeline: PipelineAddress }> {
  const { ledger } = StatusSchema.parse(await askUp(up, 'GET', '/v1/status'));
  if (ledger !== null) return ledger;
  throw new MusterError('NOT_FOUND', `${up.scenario} is up, and its ledger is not yet`, {
    hint: 'muster status',
  });
}
