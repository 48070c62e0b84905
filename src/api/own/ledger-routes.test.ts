import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import type { EmbeddedNode } from '../../adapters/ledger-embedded/embedded-node.ts';
import { startEmbeddedNode } from '../../adapters/ledger-embedded/embedded-node.ts';
import { TEST_KEY } from '../../adapters/ledger-embedded/testing/raw-rpc.ts';
import { createLedger, deployPipeline } from '../../adapters/ledger-rpc/create-ledger.ts';
import { lower } from '../../adapters/ledger-rpc/decode-event.ts';
import { readLedger } from '../../adapters/ledger-rpc/read-ledger.ts';
import { compileSmallContracts } from '../../adapters/ledger-rpc/testing/small-contracts.ts';
import { blockFindings } from '../../core/ledger/block-hash.ts';
import type { Ledger } from '../../ports/ledger.ts';
import { BlockProofsSchema, MOST_PROOFS } from '../../protocol/block-proof.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { LedgerStretchSchema, MOST_BLOCKS } from '../../protocol/ledger-blocks.ts';
import { answerProblems } from '../http/answer-problems.ts';
import { registerEndpoints } from '../http/register-endpoints.ts';
import { ledgerEndpoints } from './ledger-routes.ts';

const own = lower(privateKeyToAccount(TEST_KEY).address);
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;

let directory = '';
let node: EmbeddedNode;
let ledger: Ledger;
let api: FastifyInstance;
let isUp = true;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'muster-ledger-routes-'));
  node = await startEmbeddedNode({ directory, chainId: 77178, blockMs: 20 });
  const common = { url: node.url, privateKey: TEST_KEY, pollMs: 20 } as const;
  const timing = { commitWithin: 1, verdictWithin: 1, validity: 1, period: 1, stewardWithin: 1 };
  const options = { admin: own, orchestrator: own, registry: own, timing, verifiersPerRound: 1 };
  const pipeline = await deployPipeline({ ...common, options, bytecode: compileSmallContracts() });
  ledger = await createLedger({ ...common, pipeline });
  await ledger.call({ kind: 'enrolGuard', guard: own, site: word('01'), siteName: 'north' });
  await ledger.call({ kind: 'admitAgent', name: 'a1', guard: own });
  await ledger.call({ kind: 'anchor', batch: word('02'), root: word('03'), count: 1 });
  api = Fastify();
  answerProblems(api, { render: () => undefined });
  const of = { url: node.url, block: 1, pipeline };
  registerEndpoints(
    api,
    ledgerEndpoints(() => ({ ledger: isUp ? of : null })),
    {
      render: () => undefined,
      checkAnswers: true,
    },
  );
}, 30_000);

afterAll(async () => {
  await api.close();
  ledger.close();
  await node.stop();
  await rm(directory, { recursive: true, force: true });
});

const get = async (path: string) => {
  const answer = await api.inject({ url: path });
  return { code: answer.statusCode, json: answer.json<unknown>() };
};

test('blocks are told with their entries, as whoever reads the chain finds them, and in stretches', async () => {
  const whole = await readLedger({ url: node.url, pipeline: ledger.pipeline });
  expect(whole.flatMap(({ entries }) => entries.map(({ event }) => event.kind))).toEqual([
    'GuardEnrolled',
    'AgentAdmitted',
    'Anchored',
  ]);
  const { json } = await get('/v1/ledger/blocks');
  const told = LedgerStretchSchema.parse(json);
  expect(told.blocks).toEqual(whole);
  expect(told.next).toBe(told.head + 1);
  const second = whole[1]?.number ?? 0;
  const part = LedgerStretchSchema.parse((await get(`/v1/ledger/blocks?from=${second}&to=${second}`)).json);
  expect([part.blocks, part.next]).toEqual([[whole[1]], second + 1]);
  // Whoever has read all asks for what has not come yet.
  const none = LedgerStretchSchema.parse((await get(`/v1/ledger/blocks?from=${told.next}`)).json);
  expect([none.blocks, none.next]).toEqual([[], told.next]);
});

test('a block is told so that its hash can be computed, and one changed thing in it is found', async () => {
  const { fromBlock } = ledger.pipeline;
  const { proofs } = BlockProofsSchema.parse((await get(`/v1/ledger/proofs?from=${fromBlock}`)).json);
  expect(proofs.length).toBeGreaterThanOrEqual(3);
  for (const [index, proof] of proofs.entries()) {
    expect(blockFindings(proof, fromBlock + index, hashing)).toEqual([]);
    if (index > 0) expect(proof.header.parentHash).toBe(proofs[index - 1]?.hash);
    expect(blockFindings(proof, fromBlock + index + 1, hashing)).toHaveLength(1);
    const later = { ...proof, header: { ...proof.header, timestamp: '0x1' as const } };
    expect(blockFindings(later, fromBlock + index, hashing)).toEqual([
      'its header does not hash to its hash',
    ]);
    const emptied = { ...proof, receipts: proof.receipts.map((each) => ({ ...each, logs: [] })) };
    const had = proof.receipts.some(({ logs }) => logs.length > 0);
    expect(blockFindings(emptied, fromBlock + index, hashing)).toHaveLength(had ? 1 : 0);
  }
});

test('an answer holds no more than it may, whatever is asked', async () => {
  const { number } = await head();
  for (let sent = number; sent < MOST_PROOFS + 2; sent++)
    await ledger.call({ kind: 'anchor', batch: word('02'), root: word('03'), count: 1 });
  const { proofs } = BlockProofsSchema.parse((await get('/v1/ledger/proofs?from=0&to=100000')).json);
  expect(proofs).toHaveLength(MOST_PROOFS);
  const { blocks } = LedgerStretchSchema.parse(
    (await get('/v1/ledger/blocks?from=0&to=9007199254740991')).json,
  );
  expect(blocks.length).toBeLessThanOrEqual(MOST_BLOCKS);
  for (const query of ['from=-1', 'from=x', 'from=1.5', 'to=1e99']) {
    expect((await get(`/v1/ledger/blocks?${query}`)).code).toBe(400);
  }
});

test('there is nothing to tell before there is a ledger', async () => {
  isUp = false;
  expect(await get('/v1/ledger/blocks')).toMatchObject({ code: 503 });
  expect(await get('/v1/ledger/proofs')).toMatchObject({ code: 503 });
  isUp = true;
});

async function head(): Promise<{ readonly number: number }> {
  const told = LedgerStretchSchema.parse((await get('/v1/ledger/blocks')).json);
  return { number: told.head };
}
