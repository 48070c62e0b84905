import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import Fastify from 'fastify';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { verifyInBrowser } from '../../console/src/views/ledger/verify/verify-in-browser.ts';
import { hashing } from '../../src/adapters/keys/hashing.ts';
import { journalLeaf } from '../../src/adapters/keys/journal-leaf.ts';
import type { EmbeddedNode } from '../../src/adapters/ledger-embedded/embedded-node.ts';
import { startEmbeddedNode } from '../../src/adapters/ledger-embedded/embedded-node.ts';
import { TEST_KEY } from '../../src/adapters/ledger-embedded/testing/raw-rpc.ts';
import { signDigest } from '../../src/adapters/ledger-rpc/checkpoint.ts';
import { createLedger, deployPipeline } from '../../src/adapters/ledger-rpc/create-ledger.ts';
import { lower } from '../../src/adapters/ledger-rpc/decode-event.ts';
import { readLedger } from '../../src/adapters/ledger-rpc/read-ledger.ts';
import { compileSmallContracts } from '../../src/adapters/ledger-rpc/testing/small-contracts.ts';
import { registerEndpoints } from '../../src/api/http/register-endpoints.ts';
import { ledgerEndpoints } from '../../src/api/own/ledger-routes.ts';
import { applyBlock, EMPTY_LEDGER } from '../../src/core/attestation/ledger-state.ts';
import { merkleTree } from '../../src/core/attestation/merkle.ts';
import { stateHash } from '../../src/core/attestation/state-hash.ts';
import { headerHash } from '../../src/core/ledger/block-hash.ts';
import { blockDigest, rosterDigest } from '../../src/core/ledger/checkpoint.ts';
import { JOURNAL_BATCH } from '../../src/core/ledger/journal-batch.ts';
import { encodeReceipt, listRoot } from '../../src/core/ledger/trie-root.ts';
import type { CallResult } from '../../src/ports/ledger.ts';
import type { BlockProof, BlockProofs } from '../../src/protocol/block-proof.ts';
import type { Hex, LedgerBlock, LedgerCall } from '../../src/protocol/ledger.ts';
import type { RunRecord } from '../../src/protocol/run-record.ts';

const own = lower(privateKeyToAccount(TEST_KEY).address);
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const LINES = ['{"id":"muster:1","reason":"one"}', '{"id":"muster:2","reason":"two"}'];

let dir = '';
let node: EmbeddedNode;
let api: FastifyInstance;
let record: RunRecord;
let shown: readonly LedgerBlock[];
let agent: Hex;

/** Events of the kinds that are told with numbers, text, bytes, accounts and structs. */
function story(): readonly LedgerCall[] {
  const evidence = {
    bootId: word('01'),
    pid: 7,
    startTime: 8,
    incarnation: 1,
    decisionHead: word('00'),
    kemKey: word('71'),
    frameKey: word('72'),
    quoteHash: word('00'),
  };
  const image = { version: 1, imageDigest: word('0a'), referenceCommitment: word('0b') };
  return [
    { kind: 'enrolGuard', guard: own, site: word('01'), siteName: 'north' },
    { kind: 'admitAgent', name: 'a1', guard: own },
    {
      kind: 'registerIncarnation',
      agent,
      incarnation: 1,
      ...image,
      challengesRoot: word('0c'),
      challenges: 2,
    },
    { kind: 'openRound', agent, index: 0, nonce: word('0d'), answerHash: word('0e'), proof: [] },
    { kind: 'commit', round: 1, evidence, binding: word('0f'), reveal: word('00'), nextDraw: word('00') },
    { kind: 'revoke', agent, reason: 'found changed' },
  ];
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-in-browser-'));
  node = await startEmbeddedNode({ directory: join(dir, 'node'), chainId: 77179, blockMs: 20 });
  const common = { url: node.url, privateKey: TEST_KEY, pollMs: 20 } as const;
  const timing = { commitWithin: 1, verdictWithin: 1, validity: 1, period: 1, stewardWithin: 1 };
  const options = { admin: own, orchestrator: own, registry: own, timing, verifiersPerRound: 1 };
  const pipeline = await deployPipeline({ ...common, options, bytecode: compileSmallContracts() });
  const ledger = await createLedger({ ...common, pipeline });
  agent = hashing.keccak256(`0x${Buffer.from('a1').toString('hex')}`);
  for (const each of story()) expect(await ledger.call(each)).toMatchObject({ ok: true });
  const leaves = LINES.map(journalLeaf);
  // What is anchored counts up by itself here: the first one is of one entry.
  const results: CallResult[] = [];
  const roots = leaves.map((leaf) => merkleTree([leaf], hashing).root);
  results.push(await ledger.call({ kind: 'anchor', batch: JOURNAL_BATCH, root: roots[0] ?? '0x', count: 1 }));
  ledger.close();
  shown = await readLedger({ url: node.url, pipeline });
  const final = node.final();
  const { fromBlock: _, ...chain } = pipeline;
  const about = {
    ...chain,
    number: final?.number ?? 0,
    hash: final?.hash ?? '0x',
    stateHash: stateHash(shown.reduce(applyBlock, EMPTY_LEDGER), hashing),
    operator: own,
    signers: [own],
    threshold: 1,
  };
  const checkpoint = {
    ...about,
    operatorSignature: await signDigest(rosterDigest(about, hashing), TEST_KEY),
    signatures: [{ signer: own, signature: await signDigest(blockDigest(about, hashing), TEST_KEY) }],
  };
  const [result] = results;
  if (result?.ok !== true) throw new Error('it was not anchored');
  const batch = {
    root: roots[0] ?? '0x',
    block: result.block,
    transaction: result.transaction,
    entries: [{ id: 'muster:1', leaf: leaves[0] ?? '0x' }],
  };
  record = { url: node.url, pipeline, operator: own, checkpoint, batches: [batch], lines: LINES };
  api = Fastify();
  api.get('/v1/record', () => record);
  registerEndpoints(
    api,
    ledgerEndpoints(() => ({ ledger: { url: node.url, block: 1, pipeline } })),
    {
      render: () => undefined,
    },
  );
}, 30_000);

afterAll(async () => {
  await api.close();
  await node.stop();
  await rm(dir, { recursive: true, force: true });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** What the page finds if somebody changes what it is answered on the way. */
async function found(
  change: (path: string, answer: unknown) => unknown = (_, answer) => answer,
  told = shown,
) {
  const outside = fetch;
  vi.stubGlobal('fetch', async (path: string, init?: RequestInit) => {
    if (!path.startsWith('/')) return outside(path, init);
    const answer = await api.inject({ url: path });
    return new Response(JSON.stringify(change(path, answer.json())), { status: answer.statusCode });
  });
  const report = await verifyInBrowser({ shown: told, onProgress: () => {} });
  return { ...report, whats: report.findings.map(({ check, at, what }) => `${check} ${at}: ${what}`) };
}

const ofProofs =
  (change: (proofs: readonly BlockProof[]) => readonly BlockProof[]) => (path: string, answer: unknown) =>
    path.startsWith('/v1/ledger/proofs') ? { proofs: change((answer as BlockProofs).proofs) } : answer;
const ofRecord = (change: (honest: RunRecord) => RunRecord) => (path: string, answer: unknown) =>
  path === '/v1/record' ? change(record) : answer;

/** The block that revokes says that another is revoked. */
function otherRevoked(proof: BlockProof): BlockProof {
  const receipts = proof.receipts.map((receipt) => ({
    ...receipt,
    logs: receipt.logs.map((log) => ({ ...log, topics: log.topics.with(-1, word('ee')) })),
  }));
  return { ...proof, receipts };
}
const revoking = () =>
  shown.findIndex(({ entries }) => entries.some(({ event }) => event.kind === 'Revoked'));
const inRevoking = (change: (proof: BlockProof) => BlockProof) =>
  ofProofs((proofs) => proofs.map((each) => (each.hash === shown[revoking()]?.hash ? change(each) : each)));

test('what is honest stands, and all of it has been looked at', async () => {
  const { whats, open, checks } = await found();
  expect(whats).toEqual([]);
  expect(open).toBe(1);
  for (const { check, examined } of checks) expect([check, examined > 0]).toEqual([check, true]);
  expect(checks.find(({ check }) => check === 'shown')?.examined).toBe(
    shown.flatMap(({ entries }) => entries).length,
  );
});

test('a falsified block is found by its receipts, and by what it would have the ledger say', async () => {
  const { whats } = await found(inRevoking(otherRevoked));
  const at = shown[revoking()]?.number;
  expect(whats).toContain(
    `blocks ${at}: its receipts (events, outcomes) are not those that its header commits to`,
  );
  expect(whats).toContain(`shown ${at}: what this page shows of it is not what its receipts say`);
  expect(whats.some((each) => /^state .*co-signed as 0x\w+ and is 0x/.test(each))).toBe(true);
});

test('one whose root and hash were made to fit is found by the block after it', async () => {
  const { findings } = await found(
    inRevoking((proof) => {
      const changed = otherRevoked(proof);
      const header = {
        ...changed.header,
        receiptsRoot: listRoot(changed.receipts.map(encodeReceipt), hashing),
      };
      return { ...changed, header, hash: headerHash(header, hashing) };
    }),
  );
  const blocks = findings.filter(({ check }) => check === 'blocks');
  expect(blocks.map(({ at }) => Number(at))).toEqual([(shown[revoking()]?.number ?? 0) + 1]);
  expect(blocks[0]?.what).toMatch(/^it follows 0x/);
});

test('a block that is kept back, and sentences that the chain does not have, are found', async () => {
  const { whats } = await found(ofProofs((proofs) => proofs.slice(0, -1)));
  expect(whats).toContain(`blocks ${record.checkpoint?.number}: blocks up to it are missing`);
  const [first, ...rest] = shown;
  if (first === undefined) throw new Error('something is shown');
  const { findings } = await found(undefined, [{ ...first, entries: [] }, ...rest]);
  expect(findings.map(({ check, at }) => [check, at])).toEqual([['shown', String(first.number)]]);
});

test('a signature of somebody else, too few, and another journal are found', async () => {
  const none = await found(
    ofRecord((honest) => ({
      ...honest,
      checkpoint: honest.checkpoint && { ...honest.checkpoint, stateHash: word('99') },
    })),
  );
  expect(none.whats.filter((each) => each.startsWith('checkpoint'))).toHaveLength(2);
  const journal = await found(
    ofRecord((honest) => ({ ...honest, lines: LINES.map((line) => line.replace('one', 'none')) })),
  );
  expect(journal.whats).toEqual(['journal muster:1: it was anchored, and is not in the journal as it was']);
});

test('before anything is co-signed it says so', async () => {
  await expect(found(ofRecord((honest) => ({ ...honest, checkpoint: null })))).rejects.toThrow(
    'No block has been co-signed yet',
  );
});
