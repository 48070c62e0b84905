import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyToAccount } from 'viem/accounts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EmbeddedNode, EmbeddedNodeOptions } from './embedded-node.ts';
import { startEmbeddedNode } from './embedded-node.ts';
import { METHODS } from './final-view.ts';
import { frameRecord, readRecord } from './journal-record.ts';
import { allHashes, OTHER_KEY, rawRpc, TEST_KEY } from './testing/raw-rpc.ts';
import { transferOf } from './testing/transfers.ts';

const CHAIN = 77177;
const transfer = transferOf(TEST_KEY, CHAIN);
let directory = '';
let nodes: EmbeddedNode[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'muster-node-'));
});
afterEach(async () => {
  for (const node of nodes) await node.stop();
  nodes = [];
  await rm(directory, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedNodeOptions> = {}): Promise<EmbeddedNode> {
  const node = await startEmbeddedNode({ directory, chainId: CHAIN, blockMs: 20, ...options });
  nodes.push(node);
  return node;
}

async function send(node: EmbeddedNode, nonce: number) {
  return rawRpc(node.url, 'eth_sendRawTransaction', [await transfer(nonce)]);
}

/** Until a block holds that transaction. */
async function mined(node: EmbeddedNode, hash: unknown): Promise<void> {
  await expect
    .poll(async () => (await rawRpc(node.url, 'eth_getTransactionReceipt', [hash])).result, { timeout: 5000 })
    .not.toBeNull();
}

async function withBlocks(node: EmbeddedNode, from: number, count: number): Promise<void> {
  for (let nonce = from; nonce < from + count; nonce++) await mined(node, (await send(node, nonce)).result);
}

describe('the proxy', () => {
  test('answers its list and nothing that could change the chain otherwise', async () => {
    const node = await start();
    const refused = [
      'anvil_setBalance',
      'anvil_setStorageAt',
      'anvil_dropTransaction',
      'anvil_loadState',
      'anvil_reorg',
      'evm_mine',
      'evm_setNextBlockTimestamp',
      'hardhat_setCode',
      'eth_sendTransaction',
      'eth_sendUnsignedTransaction',
      'eth_accounts',
      'debug_traceTransaction',
      'txpool_content',
      'toString',
      '__proto__',
    ];
    for (const method of refused) {
      expect((await rawRpc(node.url, method, [])).error?.code, method).toBe(-32601);
    }
    expect(
      Object.keys(METHODS).filter((each) => !/^(eth_|net_version$|web3_clientVersion$)/.test(each)),
    ).toEqual([]);
    expect((await rawRpc(node.url, 'eth_chainId')).result).toBe('0x12d79');
  });

  test('bounds what it reads: too long, too many, not JSON, not asked for as JSON', async () => {
    const node = await start();
    const post = (body: string, type = 'application/json') =>
      fetch(node.url, { method: 'POST', headers: { 'content-type': type }, body });
    expect((await post(`[${'"x",'.repeat(80_000)}1]`)).status).toBe(413);
    expect((await post('[]', 'text/plain')).status).toBe(405);
    expect(await (await post('{')).json()).toMatchObject({ error: { code: -32700 } });
    const batch = JSON.stringify(Array.from({ length: 101 }, () => ({ id: 1, method: 'eth_chainId' })));
    expect(await (await post(batch)).json()).toMatchObject({ error: { code: -32005 } });
    expect((await rawRpc(node.url, 'eth_call', [{ to: 'nobody' }])).error?.code).toBe(-32602);
  });

  test('slows down a connection that asks without end', async () => {
    const node = await start();
    const batch = JSON.stringify(Array.from({ length: 100 }, (_, id) => ({ id, method: 'eth_blockNumber' })));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const overOne = await Promise.all(
      Array.from(
        { length: 40 },
        () =>
          new Promise<string>((resolve, reject) => {
            const sent = request(node.url, {
              agent,
              method: 'POST',
              headers: { 'content-type': 'application/json' },
            });
            sent.on('error', reject);
            sent.on('response', (response) => {
              let text = '';
              response.setEncoding('utf8').on('data', (part: string) => {
                text += part;
              });
              response.on('end', () => resolve(text));
            });
            sent.end(batch);
          }),
      ),
    );
    agent.destroy();
    expect(overOne.some((text) => text.includes('too many requests'))).toBe(true);
    expect(overOne[0]).not.toContain('too many requests');
  });
});

test('makes no empty blocks, and none for a transaction that waits for an earlier one', async () => {
  const node = await start();
  const early = await send(node, 1);
  expect(early.result).toMatch(/^0x/);
  await mined(
    node,
    (await rawRpc(node.url, 'eth_sendRawTransaction', [await transferOf(OTHER_KEY, CHAIN)(0)])).result,
  );
  expect((await rawRpc(node.url, 'eth_getTransactionReceipt', [early.result])).result).toBeNull();
  const before = node.final()?.number ?? 0;
  expect(before).toBe(1);
  await mined(node, (await send(node, 0)).result);
  await mined(node, early.result);
  expect(node.final()?.number).toBe(2);
});

test('the same transaction twice is no error and stands once in the chain', async () => {
  const node = await start();
  const twice = await Promise.all([send(node, 0), send(node, 0)]);
  expect(twice[0]?.result).toBe(twice[1]?.result);
  await mined(node, twice[0]?.result);
  expect((await send(node, 0)).result).toBe(twice[0]?.result);
  expect(
    (await rawRpc(node.url, 'eth_getTransactionCount', [privateKeyToAccount(TEST_KEY).address, 'pending']))
      .result,
  ).toBe('0x1');
});

test('what is read while a block is mined is the state after the last final one', async () => {
  const node = await start({ blockMs: 1 });
  const me = privateKeyToAccount(TEST_KEY).address;
  let done = false;
  let ahead = 0;
  const reading = Array.from({ length: 6 }, async () => {
    while (!done) {
      const count = Number((await rawRpc(node.url, 'eth_getTransactionCount', [me])).result);
      // One transaction a block.
      if (count > Number((await rawRpc(node.url, 'eth_blockNumber')).result)) ahead++;
    }
  });
  for (let nonce = 0; nonce < 100; nonce++) {
    const hash = (await send(node, nonce)).result;
    while ((await rawRpc(node.url, 'eth_getTransactionReceipt', [hash])).result === null);
  }
  done = true;
  await Promise.all(reading);
  expect(ahead).toBe(0);
});

test('after a restart every block has the hash that it had', async () => {
  const first = await start();
  await withBlocks(first, 0, 5);
  const hashes = await allHashes(first.url);
  await first.stop();
  const second = await start();
  expect(await allHashes(second.url)).toEqual(hashes);
  await withBlocks(second, 5, 1);
});

test('transactions of many accounts that came together are replayed in their order, without a second try', async () => {
  const first = await start({ blockMs: 200 });
  const accounts = Array.from({ length: 8 }, (_, index) =>
    transferOf(`0x${(index + 33).toString(16).repeat(32)}`, CHAIN),
  );
  for (let nonce = 0; nonce < 60; nonce += 10) {
    const raws = await Promise.all(
      Array.from({ length: 80 }, (_, index) => accounts[index % 8]?.(nonce + Math.floor(index / 8))),
    );
    const body = JSON.stringify(
      raws.map((raw, id) => ({ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params: [raw] })),
    );
    const headers = { 'content-type': 'application/json' };
    expect(await (await fetch(first.url, { method: 'POST', headers, body })).text()).not.toContain('error');
  }
  const last = privateKeyToAccount(`0x${'28'.repeat(32)}`).address;
  await expect
    .poll(async () => (await rawRpc(first.url, 'eth_getTransactionCount', [last])).result, {
      timeout: 10_000,
    })
    .toBe('0x3c');
  const hashes = await allHashes(first.url);
  await first.stop();
  const notes: string[] = [];
  const second = await start({ onNote: (text) => notes.push(text) });
  expect(await allHashes(second.url)).toEqual(hashes);
  expect(notes).toEqual([]);
});

test('an anvil that is killed is started again by itself; what was acknowledged is there', async () => {
  const node = await start();
  await withBlocks(node, 0, 3);
  const hashes = await allHashes(node.url);
  const waiting = (await send(node, 3)).result;
  const pid = node.pid();
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  await expect.poll(() => node.pid() !== undefined && node.pid() !== pid, { timeout: 10_000 }).toBe(true);
  await mined(node, waiting);
  expect((await allHashes(node.url)).slice(0, hashes.length)).toEqual(hashes);
});

describe('a journal that', () => {
  async function journalOf(blocks: number): Promise<string[]> {
    const node = await start();
    await withBlocks(node, 0, blocks);
    await node.stop();
    nodes = [];
    return (await readFile(join(directory, 'journal'), 'utf8')).split('\n').slice(0, -1);
  }
  const write = (lines: readonly string[], tail = '') =>
    writeFile(join(directory, 'journal'), `${lines.join('\n')}\n${tail}`);

  test('lost its end is cut and used, and the loss is told', async () => {
    const lines = await journalOf(3);
    await write(lines.slice(0, -1), 'torn');
    const node = await start();
    expect(node.replayed.cut).toEqual({ bytes: 4, records: 1 });
    // The block was about to be mined: it is mined again, the same.
    await expect.poll(() => node.final()?.number, { timeout: 5000 }).toBe(3);
    expect(lines.at(-1)).toContain(node.final()?.hash);
  });

  test('is damaged in its middle is refused', async () => {
    const lines = await journalOf(3);
    await write([...lines.slice(0, 4), (lines[4] ?? '').replace('0x', '0y'), ...lines.slice(5)]);
    await expect(start()).rejects.toMatchObject({ code: 'LEDGER_DAMAGED' });
  });

  test('was rewritten with good checksums is refused: a block does not get its hash', async () => {
    const lines = await journalOf(3);
    const rewritten = lines.map((line, position) => {
      const record = readRecord(line)?.record;
      if (record?.kind !== 'mine' || record.number !== 2) return line;
      return frameRecord(position, { ...record, time: record.time + 1 }).trimEnd();
    });
    await write(rewritten);
    await expect(start()).rejects.toMatchObject({
      code: 'LEDGER_DAMAGED',
      message: expect.stringContaining('block 2 is now'),
    });
  });

  test('is used by a node already is refused', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({
      code: 'LEDGER_FAILED',
      message: expect.stringContaining('already'),
    });
  });

  test('holds another chain is refused', async () => {
    await journalOf(1);
    await expect(start({ chainId: 5 })).rejects.toMatchObject({ code: 'LEDGER_FAILED' });
  });
});

test.skipIf(process.getuid?.() !== 0)('nobody but root can reach the node behind', async () => {
  const node = await start();
  const listening = execFileSync('ss', ['-ltnpH']).toString();
  expect(listening).not.toContain(`pid=${node.pid()},`);
  for (const path of [directory, join(directory, 'node')]) expect((await stat(path)).mode & 0o077).toBe(0);
});

test.skipIf(process.getuid?.() !== 0)(
  'on a full disk a transaction is refused, reads are answered, and all goes on when there is room',
  async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=700', 'tmpfs', directory]);
    try {
      const notes: string[] = [];
      const node = await start({ onNote: (text) => notes.push(text) });
      await withBlocks(node, 0, 2);
      const filler = join(directory, 'filler');
      await writeFile(filler, Buffer.alloc(100_000)).catch(() => undefined);
      // What is left of the journal's last page is used up first.
      const taken: unknown[] = [];
      let refused: Awaited<ReturnType<typeof send>> | undefined;
      for (let nonce = 2; nonce < 200 && refused === undefined; nonce++) {
        const answer = await send(node, nonce);
        if (answer.error === undefined) taken.push(answer.result);
        else refused = answer;
      }
      expect(refused?.error?.code).toBe(-32010);
      expect((await rawRpc(node.url, 'eth_blockNumber')).error).toBeUndefined();
      const next = taken.length + 2;
      expect((await send(node, next)).error?.code).toBe(-32010);
      await rm(filler);
      await expect.poll(async () => (await send(node, next)).error, { timeout: 5000 }).toBeUndefined();
      for (const hash of taken) await mined(node, hash);
      expect(notes.some((each) => each.includes('ENOSPC'))).toBe(true);
      const hashes = await allHashes(node.url);
      await node.stop();
      nodes = [];
      const again = await start();
      await mined(again, taken.at(-1));
      expect((await allHashes(again.url)).slice(0, hashes.length)).toEqual(hashes);
    } finally {
      for (const node of nodes) await node.stop();
      nodes = [];
      execFileSync('umount', [directory]);
    }
  },
);
