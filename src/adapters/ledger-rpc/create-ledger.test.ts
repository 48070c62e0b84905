import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../ports/ledger.ts';
import type { Hex, LedgerBlock, PipelineAddress } from '../../protocol/ledger.ts';
import { findAnvil } from '../ledger-embedded/anvil-binary.ts';
import type { EmbeddedNode } from '../ledger-embedded/embedded-node.ts';
import { startEmbeddedNode } from '../ledger-embedded/embedded-node.ts';
import { OTHER_KEY, rawRpc, TEST_KEY } from '../ledger-embedded/testing/raw-rpc.ts';
import type { LedgerOptions } from './create-ledger.ts';
import { createLedger, deployPipeline } from './create-ledger.ts';
import { compileSmallContracts } from './testing/small-contracts.ts';

const CHAIN = 77177;
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const NOBODY: Hex = `0x${'00'.repeat(20)}`;
const GUARD: Hex = `0x${'ab'.repeat(20)}`;
const deployment = {
  admin: GUARD,
  orchestrator: GUARD,
  registry: GUARD,
  timing: { commitWithin: 1, verdictWithin: 1, validity: 1, period: 1, stewardWithin: 1 },
  verifiersPerRound: 1,
};

let bytecode: ReturnType<typeof compileSmallContracts>;
beforeAll(() => {
  bytecode = compileSmallContracts();
});

let directory = '';
let cleanUp: (() => unknown)[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'muster-ledger-test-'));
});
afterEach(async () => {
  for (const each of cleanUp.toReversed()) await each();
  cleanUp = [];
  await rm(directory, { recursive: true, force: true });
});

async function node(port = 0): Promise<EmbeddedNode> {
  const started = await startEmbeddedNode({ directory, chainId: CHAIN, blockMs: 50, listen: { port } });
  cleanUp.push(() => started.stop());
  return started;
}

async function ledgerAt(
  options: Pick<LedgerOptions, 'url' | 'pipeline'> & Partial<LedgerOptions>,
): Promise<Ledger> {
  const ledger = await createLedger({ privateKey: TEST_KEY, pollMs: 20, ...options });
  cleanUp.push(() => ledger.close());
  return ledger;
}

const deploy = (url: string, privateKey = TEST_KEY): Promise<PipelineAddress> =>
  deployPipeline({ url, privateKey, options: deployment, bytecode, pollMs: 20 });

const anchor = (byte: string) => ({ kind: 'anchor', batch: word(byte), root: word('77'), count: 1 }) as const;

/** What a follower is told, and when it has been told enough. */
function collect(ledger: Ledger, fromBlock: number) {
  const blocks: LedgerBlock[] = [];
  const silences: boolean[] = [];
  const faults: string[] = [];
  const following = ledger.follow({
    fromBlock,
    onBlock: (block) => blocks.push(block),
    onSilence: (silent) => silences.push(silent),
    onFault: (error) => faults.push(error.message),
  });
  cleanUp.push(() => following.stop());
  const anchored = () =>
    blocks.flatMap(({ entries }) =>
      entries.map(({ event }) => (event.kind === 'Anchored' ? event.batch : event.kind)),
    );
  return { blocks, silences, faults, anchored };
}

describe('calls', () => {
  test('arrive in the order in which they were made, also when many are under way', async () => {
    const { url } = await node();
    const ledger = await ledgerAt({ url, pipeline: await deploy(url) });
    const batches = Array.from({ length: 30 }, (_, index) => (index + 16).toString(16));
    const results = await Promise.all(batches.map((each) => ledger.call(anchor(each))));
    expect(results.every((each) => each.ok)).toBe(true);
    const told = collect(ledger, ledger.pipeline.fromBlock);
    await expect.poll(() => told.anchored().length, { timeout: 5000 }).toBe(30);
    expect(told.anchored()).toEqual(batches.map(word));
    // Each block follows the one before; every entry has its sender and its place.
    for (const { entries } of told.blocks) {
      expect(entries.map((each) => each.logIndex)).toEqual(
        entries.map((each) => each.logIndex).toSorted((a, b) => a - b),
      );
      expect(new Set(entries.map((each) => each.from))).toEqual(new Set([ledger.account]));
    }
  });

  test('of two ledger objects with one account all arrive', async () => {
    const { url } = await node();
    const pipeline = await deploy(url);
    const [one, two] = [await ledgerAt({ url, pipeline }), await ledgerAt({ url, pipeline })];
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) => [
        one.call(anchor(`1${index}`)),
        two.call(anchor(`2${index}`)),
      ]).flat(),
    );
    expect(results.filter((each) => !each.ok)).toEqual([]);
  });

  test('that a contract refuses say why, and later ones go on', async () => {
    const { url } = await node();
    const ledger = await ledgerAt({ url, pipeline: await deploy(url) });
    const [refused, taken] = await Promise.all([
      ledger.call({ kind: 'enrolGuard', guard: NOBODY, site: word('01'), siteName: 'north' }),
      ledger.call({ kind: 'enrolGuard', guard: GUARD, site: word('01'), siteName: 'north' }),
    ]);
    expect(refused).toEqual({ ok: false, error: expect.stringContaining('no such guard') });
    expect(taken).toMatchObject({ ok: true });
    const told = collect(ledger, 0);
    await expect.poll(() => told.blocks.length, { timeout: 5000 }).toBe(1);
    expect(told.blocks[0]?.entries.map(({ event }) => event)).toEqual([
      { kind: 'GuardEnrolled', guard: GUARD, site: word('01'), siteName: 'north' },
    ]);
  });

  test('are given up when asked to, or when they last too long; the next one still works', async () => {
    const first = await node();
    const ledger = await ledgerAt({ url: first.url, pipeline: await deploy(first.url), finalWithinMs: 400 });
    await first.stop();
    const abort = new AbortController();
    const given = ledger.call(anchor('01'), { signal: abort.signal });
    abort.abort();
    expect(await given).toMatchObject({ ok: false, error: expect.stringContaining('given up') });
    expect(await ledger.call(anchor('02'))).toMatchObject({
      ok: false,
      error: expect.stringContaining('not final'),
    });
    await node(Number(new URL(first.url).port));
    expect(await ledger.call(anchor('03'))).toMatchObject({ ok: true });
  });
});

describe('following', () => {
  test('tells every block once and in order over restarts of the node, and says when it is silent', async () => {
    let running = await node();
    const port = Number(new URL(running.url).port);
    const pipeline = await deploy(running.url);
    const ledger = await ledgerAt({ url: running.url, pipeline });
    const told = collect(ledger, 0);
    const batches: string[] = [];
    for (let round = 0; round < 4; round++) {
      const some = Array.from({ length: 5 }, (_, index) => `${round + 1}${index}`);
      batches.push(...some);
      const calls = some.map((each) => ledger.call(anchor(each)));
      const pid = running.pid();
      if (round % 2 === 0 && pid !== undefined) process.kill(pid, 'SIGKILL');
      else {
        await running.stop();
        await expect.poll(() => told.silences.at(-1), { timeout: 5000 }).toBe(true);
        running = await node(port);
      }
      expect((await Promise.all(calls)).filter((each) => !each.ok)).toEqual([]);
    }
    await expect.poll(() => told.anchored().length, { timeout: 5000 }).toBe(20);
    expect(told.anchored()).toEqual(batches.map(word));
    expect(new Set(told.blocks.map((each) => each.hash)).size).toBe(told.blocks.length);
    expect(told.silences.at(-1)).toBe(false);
    expect(told.faults).toEqual([]);
  });

  test('stops with a clear fault when another chain answers under the same URL', async () => {
    const first = await node();
    const ledger = await ledgerAt({ url: first.url, pipeline: await deploy(first.url) });
    const told = collect(ledger, 0);
    await ledger.call(anchor('01'));
    await first.stop();
    await rm(directory, { recursive: true });
    await expect.poll(() => told.silences.at(-1), { timeout: 5000 }).toBe(true);
    const other = await startEmbeddedNode({
      directory,
      chainId: CHAIN,
      listen: { port: Number(new URL(first.url).port) },
      now: () => 1_700_000_000_000,
    });
    cleanUp.push(() => other.stop());
    await expect
      .poll(() => told.faults, { timeout: 5000 })
      .toEqual([expect.stringContaining('this chain began with')]);
  });
});

describe('a URL', () => {
  test('where nothing answers, or another chain, or nonsense, is a clear error', async () => {
    const { url } = await node();
    const pipeline = await deploy(url);
    await expect(ledgerAt({ url: 'http://127.0.0.1:1', pipeline })).rejects.toMatchObject({
      code: 'LEDGER_FAILED',
      message: expect.stringContaining('no ledger answers'),
    });
    await expect(ledgerAt({ url, pipeline: { ...pipeline, chainId: 1 } })).rejects.toMatchObject({
      message: expect.stringContaining('this is chain 77177'),
    });
    await expect(ledgerAt({ url, pipeline: { ...pipeline, genesisHash: word('01') } })).rejects.toMatchObject(
      {
        message: expect.stringContaining('this chain began with'),
      },
    );
    const nonsense = createServer((_request, response) =>
      response.end('[{"id":1,"jsonrpc":"2.0","result":{"x":1}}]'),
    );
    await new Promise<void>((resolve) => nonsense.listen(0, '127.0.0.1', resolve));
    cleanUp.push(() => nonsense.close());
    const address = nonsense.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(ledgerAt({ url: `http://127.0.0.1:${port}`, pipeline })).rejects.toMatchObject({
      code: 'LEDGER_FAILED',
    });
  });
});

describe('with a confirmation depth of 4', () => {
  test('a reorganisation of 3 blocks takes nothing back that was told', async () => {
    const url = await openAnvil();
    const mine = (blocks: number) => rawRpc(url, 'anvil_mine', [`0x${blocks.toString(16)}`]);
    const [pipeline] = await Promise.all([deploy(url), mineUntilDeployed(url)]);
    const ledger = await ledgerAt({ url, pipeline, confirmations: 4 });
    const told = collect(ledger, 0);
    const other = await ledgerAt({ url, pipeline, privateKey: OTHER_KEY });
    const first = ledger.call(anchor('01'));
    await sent(url);
    await mine(1);
    const second = other.call(anchor('02'));
    await sent(url);
    await mine(1);
    // Both are in blocks, not final yet: nothing is told, the first call is still waiting.
    expect(await second).toMatchObject({ ok: true });
    expect(told.blocks).toEqual([]);
    await mine(2);
    // The block of the second anchor goes: the last three blocks are made anew, empty.
    const before = await headHash(url);
    expect((await rawRpc(url, 'anvil_reorg', [3, []])).error).toBeUndefined();
    expect(await headHash(url)).not.toBe(before);
    await mine(5);
    expect(await first).toMatchObject({ ok: true });
    await expect.poll(() => told.anchored(), { timeout: 5000 }).toContain(word('01'));
    for (const block of told.blocks) {
      const now = await rawRpc(url, 'eth_getBlockByNumber', [`0x${block.number.toString(16)}`, false]);
      expect(now.result).toMatchObject({ hash: block.hash });
    }
    expect(told.faults).toEqual([]);
  });

  test('a reorganisation that is deeper is told as a fault', async () => {
    const url = await openAnvil();
    const [pipeline] = await Promise.all([deploy(url), mineUntilDeployed(url)]);
    const ledger = await ledgerAt({ url, pipeline, confirmations: 2 });
    const call = ledger.call(anchor('01'));
    await sent(url);
    await rawRpc(url, 'anvil_mine', ['0x4']);
    expect(await call).toMatchObject({ ok: true });
    let heads = 0;
    const faults: string[] = [];
    const following = ledger.follow({
      fromBlock: 0,
      onBlock: () => {},
      onHead: () => heads++,
      onFault: (error) => faults.push(error.message),
    });
    cleanUp.push(() => following.stop());
    await expect.poll(() => heads, { timeout: 5000 }).toBeGreaterThan(0);
    await rawRpc(url, 'anvil_reorg', [4, []]);
    await expect.poll(() => faults, { timeout: 5000 }).toEqual([expect.stringContaining('was final as')]);
  });
});

/** An anvil as anybody runs it: mines when told. */
async function openAnvil(): Promise<string> {
  const child: ChildProcess = spawn(
    findAnvil(),
    [
      '--port',
      '0',
      '--no-mining',
      '--order',
      'fifo',
      '--hardfork',
      'london',
      '--base-fee',
      '0',
      '--gas-price',
      '0',
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  cleanUp.push(() => child.kill('SIGKILL'));
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const found = /Listening on (\S+)/.exec(line)?.[1];
    if (found !== undefined) {
      child.stdout.resume();
      return `http://${found}`;
    }
  }
  throw new Error('anvil does not start');
}

/** Until so many transactions wait in the node's pool. */
async function sent(url: string, count = 1): Promise<void> {
  await expect
    .poll(async () => (await rawRpc(url, 'txpool_status')).result, { timeout: 5000, interval: 10 })
    .toMatchObject({ pending: `0x${count}` });
}

async function mineUntilDeployed(url: string): Promise<void> {
  // Both contracts in one block.
  await sent(url, 2);
  await rawRpc(url, 'anvil_mine', ['0x1']);
}

async function headHash(url: string): Promise<unknown> {
  const { result } = await rawRpc(url, 'eth_getBlockByNumber', ['latest', false]);
  return typeof result === 'object' && result !== null && 'hash' in result ? result.hash : undefined;
}
