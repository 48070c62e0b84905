import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { allHashes, rawRpc, TEST_KEY } from '../../adapters/ledger-embedded/testing/raw-rpc.ts';
import { transferOf } from '../../adapters/ledger-embedded/testing/transfers.ts';
import { createSeededRandom } from '../../adapters/random-seeded/seeded-random.ts';

const Ready = z.object({
  url: z.string(),
  chainId: z.number(),
  genesisHash: z.string(),
  anvilPid: z.number(),
  head: z.object({ number: z.number(), hash: z.string() }),
  replayed: z.object({
    records: z.number(),
    ms: z.number(),
    cut: z.object({ bytes: z.number() }).nullable(),
  }),
});
type Ready = z.infer<typeof Ready>;

interface Running extends Ready {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
}

let directory = '';
let children: ChildProcess[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'muster-main-'));
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
  await rm(directory, { recursive: true, force: true });
});

function launch(blockMs: number): ChildProcess {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const options = JSON.stringify({ directory, blockMs });
  const child = spawn(process.execPath, ['--import', 'tsx', main, options], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  children.push(child);
  return child;
}

async function start(blockMs = 30): Promise<Running> {
  const child = launch(blockMs);
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    return { ...Ready.parse(JSON.parse(line)), child, ended };
  }
  throw new Error(`the node did not start: ${said}`);
}

const gone = (pid: number) => expect.poll(() => runs(pid), { timeout: 5000, interval: 10 }).toBe(false);

/** One that has ended and waits to be reaped runs no more. */
function runs(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !stat.slice(stat.lastIndexOf(')')).startsWith(') Z');
  } catch {
    return false;
  }
}

test('kill -9 of the node or of anvil at any moment, 20 times: equal hashes, and nothing acknowledged is lost', async () => {
  const random = createSeededRandom(7).fork('kills');
  const transfer = transferOf(TEST_KEY, 77177);
  const acknowledged: unknown[] = [];
  let hashes: readonly string[] = [];
  let nonce = 0;
  for (let life = 0; life < 20; life++) {
    const node = await start();
    const now = await allHashes(node.url);
    expect(now.slice(0, hashes.length)).toEqual(hashes);
    let killed = false;
    const victim = random.next() < 0.5 ? node.child.pid : node.anvilPid;
    let timer: NodeJS.Timeout | undefined;
    // At some moment after so many were acknowledged, however busy the machine is.
    const enough = 6 + random.below(20);
    const delayMs = random.next() * 50;
    const kill = () => {
      killed = true;
      if (victim !== undefined) process.kill(victim, 'SIGKILL');
    };
    try {
      // Until the node is gone or says that it starts again: what it acknowledged before that counts.
      for (let count = 0; count < 400 && !killed; count++) {
        const answer = await rawRpc(node.url, 'eth_sendRawTransaction', [await transfer(nonce)]);
        if (answer.result === undefined) break;
        acknowledged.push(answer.result);
        nonce++;
        if (count + 1 === enough) timer = setTimeout(kill, delayMs);
        // A final block stays as it is, whatever happens next.
        if (count % 5 === 0) hashes = await allHashes(node.url).catch(() => hashes);
      }
    } catch {
      // Killed between question and answer: that transaction may or may not have been taken.
    }
    clearTimeout(timer);
    node.child.kill('SIGKILL');
    await node.ended;
    await gone(node.anvilPid);
  }
  const last = await start();
  expect((await allHashes(last.url)).slice(0, hashes.length)).toEqual(hashes);
  expect(hashes.length).toBeGreaterThan(10);
  expect(acknowledged.length).toBeGreaterThan(100);
  for (const hash of acknowledged) {
    await expect
      .poll(async () => (await rawRpc(last.url, 'eth_getTransactionReceipt', [hash])).result, {
        timeout: 5000,
      })
      .toMatchObject({ status: '0x1' });
  }
  last.child.kill('SIGTERM');
  expect(await last.ended).toBe(0);
}, 240_000);

test.each(['SIGTERM', 'SIGINT', 'the end of its input'])('it ends on %s, and anvil with it', async (how) => {
  const node = await start();
  if (how === 'SIGTERM' || how === 'SIGINT') node.child.kill(how);
  else node.child.stdin?.end();
  expect(await node.ended).toBe(0);
  await gone(node.anvilPid);
});

test('anvil ends with a node that is killed', async () => {
  const node = await start();
  node.child.kill('SIGKILL');
  await gone(node.anvilPid);
});

test('a journal that cannot be trusted ends it with exit code 1 and says what to do', async () => {
  const node = await start();
  const record = z.object({ result: z.string() });
  const transfer = transferOf(TEST_KEY, 77177);
  record.parse(await rawRpc(node.url, 'eth_sendRawTransaction', [await transfer(0)]));
  node.child.kill('SIGTERM');
  await node.ended;
  // A good record after garbage: no torn end.
  await appendFile(join(directory, 'journal'), 'garbage\n');
  const { frameRecord } = await import('../../adapters/ledger-embedded/journal-record.ts');
  await appendFile(join(directory, 'journal'), frameRecord(9, { kind: 'taken', raws: ['0x12'] }));
  const child = launch(30);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  expect(await new Promise((resolve) => child.once('close', resolve))).toBe(1);
  expect(said).toContain('cannot be trusted');
  expect(said).toContain('try: restore it from a copy');
});
