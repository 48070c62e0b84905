import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedNode } from '../../adapters/ledger-embedded/embedded-node.ts';
import { MusterError } from '../../protocol/errors.ts';
import { PROOF_FILES } from '../run-files.ts';

/**
 * Starts the ledger of a run that has ended from a copy of its journal, for as long as `use` takes. The run's directory is only read.
 * @throws NOT_FOUND when the run has none; LEDGER_DAMAGED, LEDGER_FAILED.
 */
export async function withKeptLedger<T>(
  dir: string,
  chainId: number,
  use: (url: string) => Promise<T>,
): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'muster-kept-'));
  try {
    await copyFile(join(dir, PROOF_FILES.ledger), join(directory, 'journal')).catch((cause: unknown) => {
      throw new MusterError(
        'NOT_FOUND',
        `${dir} holds no ${PROOF_FILES.ledger}: its agents were not genuine`,
        {
          hint: 'run one: bin/muster scenario run demo --genuine --out DIR',
          cause,
        },
      );
    });
    const node = await startEmbeddedNode({ directory, chainId });
    try {
      return await use(node.url);
    } finally {
      await node.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
