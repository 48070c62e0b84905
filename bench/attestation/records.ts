import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../src/adapters/keys/hex.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import { sha256 } from '../../src/runtime/guard/expected.ts';
import type { BenchLedger } from './bench-ledger.ts';
import { benchLedger, mustCall } from './bench-ledger.ts';
import type { Findings } from './figure.ts';
import { Figures } from './figure.ts';
import { withDirectory } from './with-directory.ts';
import { witnessLog } from './witness-log.ts';

const RECORDS = 3000;
const UNDER_WAY = 500;
const BLOCK_MS = 1000;

/** The same records, each by itself, on our ledger and on a Merkle log that 3 of 4 witnesses sign: from submission until final. */
export function recordsCompared(say: (text: string) => void): Promise<Findings> {
  return withDirectory(async (directory) => {
    const figures = new Figures();
    const records = Array.from({ length: RECORDS }, () => randomBytes(64));
    const ledger = await benchLedger(directory, BLOCK_MS);
    try {
      const accounts = [ledger.registry, ...(await guards(ledger))];
      let turn = 0;
      await drive('ledger, blocks of 1 s', records, figures, async (record) => {
        const account = accounts[turn++ % accounts.length] ?? ledger.registry;
        const [batch, root] = [toHex(record.subarray(0, 32)), toHex(record.subarray(32))];
        const result = await account.call({ kind: 'anchor', batch, root, count: 1 });
        if (!result.ok) throw new Error(`a record was refused: ${result.error}`);
      });
    } finally {
      await ledger.stop();
    }
    say('the ledger has taken them');
    for (const [name, everyMs] of [
      ['witnesses, a head each 1 s', BLOCK_MS],
      ['witnesses, heads without a pause', 0],
    ] as const) {
      const own = join(directory, `every-${everyMs}`);
      await mkdir(own);
      const log = await witnessLog(own, everyMs);
      try {
        await drive(name, records, figures, (record) => log.submit(record));
      } finally {
        await log.close();
      }
      say(`${name}: they have taken them`);
    }
    figures.note(
      `${RECORDS} records of 64 bytes, one transaction or leaf each, at most ${UNDER_WAY} under way, one client process, on the ledger with 4 accounts (registry and three guards); both on disk before they are final`,
    );
    figures.note(
      'what the log lacks and the ledger has: rules that refuse a record (who may judge whom, once, in time); what the ledger lacks here: the embedded one is a single node, no quorum stands behind its blocks',
    );
    return figures.findings();
  });
}

/** Accounts that may write on the ledger. */
async function guards(ledger: BenchLedger): Promise<readonly Ledger[]> {
  const accounts = await Promise.all([ledger.account(), ledger.account(), ledger.account()]);
  await mustCall(
    ledger.operator,
    ...accounts.map(({ account: guard }, at) => {
      return {
        kind: 'enrolGuard',
        guard,
        site: `0x${sha256(`site-${at}`)}`,
        siteName: `site-${at}`,
      } as const;
    }),
  );
  return accounts;
}

async function drive(
  name: string,
  records: readonly Uint8Array[],
  figures: Figures,
  submit: (record: Uint8Array) => Promise<void>,
): Promise<void> {
  const beganMs = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let record = records[next++]; record !== undefined; record = records[next++]) {
      const submittedMs = performance.now();
      await submit(record);
      figures.add(`${name}: submitted until final`, 'ms', performance.now() - submittedMs);
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, worker));
  const perSecond = (1000 * records.length) / (performance.now() - beganMs);
  figures.add(`${name}: records`, '1/s', perSecond);
}
