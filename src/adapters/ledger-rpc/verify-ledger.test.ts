import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concatHex, encodeAbiParameters, keccak256, parseAbiParameters, stringToHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { applyBlock, EMPTY_LEDGER } from '../../core/attestation/ledger-state.ts';
import { stateHash } from '../../core/attestation/state-hash.ts';
import { blockDigest, rosterDigest } from '../../core/ledger/checkpoint.ts';
import type { Ledger } from '../../ports/ledger.ts';
import type { Checkpoint } from '../../protocol/checkpoint.ts';
import type { AgentKey, Evidence, Hex, LedgerCall } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { hashing } from '../keys/hashing.ts';
import type { EmbeddedNode } from '../ledger-embedded/embedded-node.ts';
import { startEmbeddedNode } from '../ledger-embedded/embedded-node.ts';
import { OTHER_KEY, TEST_KEY } from '../ledger-embedded/testing/raw-rpc.ts';
import { signDigest } from './checkpoint.ts';
import { createLedger, deployPipeline } from './create-ledger.ts';
import { lower } from './decode-event.ts';
import { readLedger } from './read-ledger.ts';
import { compileSmallContracts } from './testing/small-contracts.ts';
import { verifyLedger } from './verify-ledger.ts';

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const keyOf = (name: string): AgentKey => keccak256(stringToHex(name));
const account = (key: Hex) => lower(privateKeyToAccount(key).address);
const [A, B] = [keyOf('a1'), keyOf('a2')];
const THIRD: Hex = `0x${'13'.repeat(32)}`;
const KEM = word('71');

let directory = '';
let node: EmbeddedNode;
let ledger: Ledger;
let honest: Checkpoint;
let closers: (() => unknown)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'muster-verify-'));
  node = await startEmbeddedNode({ directory, chainId: 77177, blockMs: 20 });
  const own = account(TEST_KEY);
  const pipeline = await deployPipeline({
    url: node.url,
    privateKey: TEST_KEY,
    options: {
      admin: own,
      orchestrator: own,
      registry: own,
      timing: { commitWithin: 1, verdictWithin: 1, validity: 1, period: 1, stewardWithin: 1 },
      verifiersPerRound: 1,
    },
    bytecode: compileSmallContracts(),
    pollMs: 20,
  });
  ledger = await createLedger({ url: node.url, privateKey: TEST_KEY, pipeline, pollMs: 20 });
  await call({ kind: 'enrolGuard', guard: own, site: word('01'), siteName: 'north' });
  for (const [site, key] of [
    ['east', OTHER_KEY],
    ['west', THIRD],
  ] as const) {
    await call({ kind: 'enrolGuard', guard: account(key), site: keyOf(site), siteName: site });
  }
  await attest(A, 'a1', 1);
  await attest(B, 'a2', 2);
  await openEpoch(1, 2, [A, B]);
  await call({ kind: 'revoke', agent: B, reason: 'found changed' });
  honest = await checkpoint();
}, 30_000);

afterAll(async () => {
  for (const close of closers) await close();
  closers = [];
  ledger.close();
  await node.stop();
  await rm(directory, { recursive: true, force: true });
});

async function call(each: LedgerCall): Promise<void> {
  expect(await ledger.call(each)).toMatchObject({ ok: true });
}

function challengeOf(round: number) {
  const answer = word(`3${round}`);
  const answerHash = keccak256(answer);
  const nonce = word(`4${round}`);
  const leaf = (index: number) =>
    keccak256(
      concatHex([
        keccak256(
          encodeAbiParameters(parseAbiParameters('uint32, bytes32, bytes32'), [index, nonce, answerHash]),
        ),
      ]),
    );
  const other = word('55');
  const root = keccak256(concatHex(leaf(0) < other ? [leaf(0), other] : [other, leaf(0)]));
  return { root, answer, answerHash, nonce, other };
}

/** An agent's way from admission to a passed round, as an honest registry and guard go it. */
async function attest(agent: AgentKey, name: string, round: number): Promise<void> {
  await call({ kind: 'admitAgent', name, guard: ledger.account });
  await attestAdmitted(agent, round);
}

async function attestAdmitted(agent: AgentKey, round: number): Promise<void> {
  const { root, answer, answerHash, nonce, other } = challengeOf(round);
  await call({
    kind: 'registerIncarnation',
    agent,
    incarnation: 1,
    version: 1,
    imageDigest: word('0a'),
    referenceCommitment: word('0b'),
    challengesRoot: root,
    challenges: 2,
  });
  await call({ kind: 'openRound', agent, index: 0, nonce, answerHash, proof: [other] });
  const evidence: Evidence = {
    bootId: word('01'),
    pid: 7,
    startTime: 8,
    incarnation: 1,
    decisionHead: ZERO,
    kemKey: KEM,
    frameKey: word('72'),
    quoteHash: ZERO,
  };
  const hash = keccak256(
    encodeAbiParameters(
      parseAbiParameters('bytes32, uint64, uint64, uint32, bytes32, bytes32, bytes32, bytes32'),
      [evidence.bootId, 7n, 8n, 1, ZERO, evidence.kemKey, evidence.frameKey, ZERO],
    ),
  );
  const binding = keccak256(
    encodeAbiParameters(parseAbiParameters('uint256, address, uint64, bytes32, bytes32, bytes32'), [
      77177n,
      ledger.pipeline.attestation,
      BigInt(round),
      agent,
      hash,
      answer,
    ]),
  );
  await call({ kind: 'commit', round, evidence, binding, reveal: ZERO, nextDraw: ZERO });
  await call({ kind: 'verdict', round, verifier: ZERO, answer, pass: true, appraisalHash: ZERO });
}

async function openEpoch(epoch: number, setVersion: number, agents: readonly AgentKey[]): Promise<void> {
  const sorted = agents.toSorted();
  const rosterHash = keccak256(
    encodeAbiParameters(parseAbiParameters('bytes32[], uint32[], bytes32[], bytes32[]'), [
      sorted,
      sorted.map(() => 1),
      sorted.map(() => KEM),
      sorted.map(() => word('72')),
    ]),
  );
  const envelopes = sorted.map((): Hex => `0x${'ee'.repeat(80)}`);
  await call({ kind: 'openEpoch', epoch, setVersion, rosterHash, agents: sorted, envelopes });
}

/** The newest block, signed by two of the three whom the operator names. */
async function checkpoint(): Promise<Checkpoint> {
  const { chainId, genesisHash, attestation, keys } = ledger.pipeline;
  const final = node.final();
  if (final === undefined) throw new Error('the node is away');
  const signers = [TEST_KEY, OTHER_KEY, THIRD].map(account);
  const about = {
    chainId,
    genesisHash,
    attestation,
    keys,
    number: final.number,
    hash: final.hash,
    stateHash: stateHash(
      (await readLedger({ url: node.url, pipeline: ledger.pipeline })).reduce(applyBlock, EMPTY_LEDGER),
      hashing,
    ),
    operator: account(TEST_KEY),
    signers,
    threshold: 2,
  };
  const signed = async (key: Hex) => ({
    signer: account(key),
    signature: await signDigest(blockDigest(about, hashing), key),
  });
  return {
    ...about,
    operatorSignature: await signDigest(rosterDigest(about, hashing), TEST_KEY),
    signatures: [await signed(OTHER_KEY), await signed(THIRD)],
  };
}

type Lie = (method: string, result: string) => string;

/** What is found when the chain is read through somebody who changes answers (JSON text) on their way. */
async function found(options: { lie?: Lie; checkpoint?: Checkpoint } = {}): Promise<ReadonlySet<string>> {
  const url = options.lie === undefined ? node.url : await lyingProxy(options.lie);
  const report = await verifyLedger({
    url,
    pipeline: ledger.pipeline,
    operator: account(TEST_KEY),
    checkpoint: options.checkpoint ?? honest,
  });
  for (const { check, findings } of report.checks) {
    expect(findings).toBe(report.findings.filter((each) => each.check === check).length);
  }
  return new Set(report.findings.map((each) => each.check));
}

const Asked = z.array(z.object({ id: z.number(), method: z.string() }));
const Answered = z.array(z.object({ id: z.number(), result: z.unknown() }).loose());

async function lyingProxy(lie: Lie): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    request.setEncoding('utf8');
    for await (const part of request) body += String(part);
    const asked = new Map(Asked.parse(JSON.parse(body)).map((each) => [each.id, each.method]));
    const answer = await fetch(node.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const results = Answered.parse(await answer.json()).map((each) => {
      const result: unknown = JSON.parse(lie(asked.get(each.id) ?? '', JSON.stringify(each.result)));
      return { ...each, result };
    });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(results));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const inReceipts =
  (change: (text: string) => string): Lie =>
  (method, result) =>
    method === 'eth_getTransactionReceipt' ? change(result) : result;

/** A word of 32 bytes as it stands in the data of an event. */
const bare = (hex: Hex) => hex.slice(2);
const TRUE = '1'.padStart(64, '0');
const FALSE = '0'.repeat(64);

test('an honest ledger stands, and every check has looked at something', async () => {
  const report = await verifyLedger({
    url: node.url,
    pipeline: ledger.pipeline,
    operator: account(TEST_KEY),
    checkpoint: honest,
  });
  expect(report.findings).toEqual([]);
  // Its rounds are verified by the registry: there are no elected verifiers to look at.
  expect(report.checks.filter((each) => each.examined === 0).map((each) => each.check)).toEqual([
    'verifiers',
    'journal',
  ]);
});

test('a changed verdict is found', async () => {
  const answer = bare(word('31'));
  const lie = inReceipts((text) => text.replace(`${answer}${TRUE}${TRUE}`, `${answer}${TRUE}${FALSE}`));
  expect(await found({ lie })).toEqual(new Set(['blocks', 'verdicts']));
});

test('a removed revocation is found', async () => {
  const reason = bare(stringToHex('found changed'));
  const Receipt = z.object({ logs: z.array(z.unknown()) }).loose();
  const lie = inReceipts((text) =>
    text.includes(reason) ? JSON.stringify({ ...Receipt.parse(JSON.parse(text)), logs: [] }) : text,
  );
  expect(await found({ lie })).toEqual(new Set(['blocks', 'revocations', 'state']));
});

test('a changed key in the evidence is found', async () => {
  const lie = inReceipts((text) => text.replaceAll(bare(KEM), bare(word('99'))));
  const checks = await found({ lie });
  for (const check of ['blocks', 'evidence', 'bindings', 'epochs']) expect(checks).toContain(check);
});

test('a rewritten block hash is found', async () => {
  const last = honest.hash;
  expect(await found({ lie: (_method, result) => result.replaceAll(last, word('de')) })).toEqual(
    new Set(['blocks']),
  );
  // Also in the middle of the chain, with its successor made to fit.
  const middle = await hashOf(honest.number - 2);
  expect(await found({ lie: (_method, result) => result.replaceAll(middle, word('de')) })).toEqual(
    new Set(['blocks']),
  );
});

async function hashOf(number: number): Promise<string> {
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'eth_getBlockByNumber',
    params: [`0x${number.toString(16)}`, false],
  };
  const answer = await fetch(node.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return z.object({ result: z.object({ hash: z.string() }) }).parse(await answer.json()).result.hash;
}

test('a checkpoint with too few signatures, a stranger, or another list of signers is found', async () => {
  const [first] = honest.signatures;
  if (first === undefined) throw new Error('no signature');
  const bad: readonly Checkpoint[] = [
    { ...honest, signatures: [first] },
    { ...honest, signatures: [first, first] },
    { ...honest, threshold: 1 },
    { ...honest, signers: [account(`0x${'14'.repeat(32)}`)] },
    { ...honest, attestation: honest.keys },
  ];
  for (const each of bad) expect(await found({ checkpoint: each })).toContain('checkpoint');
});

test('an envelope to an agent that is not attested is found in a chain that holds together', async () => {
  await openEpoch(2, 3, [A, B]);
  expect(await found({ checkpoint: await checkpoint() })).toEqual(new Set(['epochs']));
});

test('that others sent what the registry and a guard send is found, also where the endpoint says that it was they', async () => {
  const own = ledger;
  await call({ kind: 'admitAgent', name: 'a3', guard: own.account });
  // Contracts that check nothing let a stranger do all of it.
  ledger = await createLedger({ url: node.url, privateKey: OTHER_KEY, pipeline: own.pipeline, pollMs: 20 });
  await attestAdmitted(keyOf('a3'), 3);
  ledger.close();
  ledger = own;
  const after = await checkpoint();
  expect(await found({ checkpoint: after })).toEqual(new Set(['epochs', 'evidence', 'senders']));
  const lie: Lie = (method, text) =>
    method === 'eth_getBlockByNumber' ? text.replaceAll(account(OTHER_KEY), account(TEST_KEY)) : text;
  expect(await found({ checkpoint: after, lie })).toEqual(new Set(['blocks', 'epochs']));
  const otherInput: Lie = (method, text) =>
    method === 'eth_getBlockByNumber' ? text.replaceAll(bare(keyOf('a3')), bare(keyOf('a4'))) : text;
  expect(await found({ checkpoint: after, lie: otherInput })).toContain('blocks');
});
