import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getContractAddress, toEventSelector } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { agentKeyOf, hashing } from '../../src/adapters/keys/hashing.ts';
import { toHex } from '../../src/adapters/keys/hex.ts';
import type { EmbeddedNode } from '../../src/adapters/ledger-embedded/embedded-node.ts';
import { startEmbeddedNode } from '../../src/adapters/ledger-embedded/embedded-node.ts';
import { rawRpc } from '../../src/adapters/ledger-embedded/testing/raw-rpc.ts';
import { transferOf } from '../../src/adapters/ledger-embedded/testing/transfers.ts';
import { createLedger, deployPipeline } from '../../src/adapters/ledger-rpc/create-ledger.ts';
import { bindingOf } from '../../src/core/attestation/binding.ts';
import { challengeBatch } from '../../src/core/attestation/challenge.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import type { LedgerCall } from '../../src/protocol/ledger.ts';
import { ZERO } from '../../src/protocol/ledger.ts';
import { contractCode } from '../../src/runtime/genuine/contract-code.ts';

const CHAIN = 77177;
const BLOCK_MS = 100;
/** What strangers may send together: ten at once, and two a second. */
const BURST = 10;
const PER_SEC = 2;
const newKey = () => toHex(randomBytes(32));
const [operatorKey, registryKey, guardKey, strangerKey] = [newKey(), newKey(), newKey(), newKey()];
const operator = privateKeyToAccount(operatorKey).address;
const guard = privateKeyToAccount(guardKey).address;
const A1 = agentKeyOf('a1');

let directory = '';
let node: EmbeddedNode;
let open: Ledger[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'muster-strangers-'));
  const contract = getContractAddress({ from: operator, nonce: 0n });
  node = await startEmbeddedNode({
    directory,
    chainId: CHAIN,
    blockMs: BLOCK_MS,
    roles: { contract, operator },
  });
});

afterEach(async () => {
  for (const each of open) each.close();
  open = [];
  await node.stop();
  await rm(directory, { recursive: true, force: true });
});

async function done(ledger: Ledger, call: LedgerCall): Promise<void> {
  expect(await ledger.call(call)).toMatchObject({ ok: true });
}

/** A real pipeline's contracts, with an account for each role. */
async function pipeline(): Promise<{ registry: Ledger; guardLedger: Ledger; operatorLedger: Ledger }> {
  const timing = { commitWithin: 30, verdictWithin: 30, validity: 60, period: 1, stewardWithin: 5 };
  const registry = privateKeyToAccount(registryKey).address;
  const address = await deployPipeline({
    url: node.url,
    privateKey: operatorKey,
    options: { admin: operator, orchestrator: operator, registry, timing, verifiersPerRound: 1 },
    bytecode: await contractCode(),
    pollMs: 20,
  });
  const ledgers = await Promise.all(
    [operatorKey, registryKey, guardKey].map((privateKey) =>
      createLedger({ url: node.url, privateKey, pipeline: address, pollMs: 20 }),
    ),
  );
  open = ledgers;
  const [operatorLedger, registryLedger, guardLedger] = ledgers;
  if (operatorLedger === undefined || registryLedger === undefined || guardLedger === undefined) {
    throw new Error('three ledgers were opened');
  }
  await done(operatorLedger, { kind: 'enrolGuard', guard, site: ZERO, siteName: 'west' });
  await done(operatorLedger, { kind: 'admitAgent', name: 'a1', guard });
  return { operatorLedger, registry: registryLedger, guardLedger };
}

/** One agent's first round, each step final before the next. */
async function attest(registry: Ledger, guardLedger: Ledger): Promise<void> {
  const reference = newKey();
  const { root, challenges } = challengeBatch(reference, 0, [newKey(), newKey()], hashing);
  const [challenge] = challenges;
  if (challenge === undefined) throw new Error('no challenge');
  const { nonce, answer, answerHash, proof } = challenge;
  await done(registry, {
    kind: 'registerIncarnation',
    agent: A1,
    incarnation: 1,
    version: 1,
    imageDigest: newKey(),
    referenceCommitment: newKey(),
    challengesRoot: root,
    challenges: 2,
  });
  await done(registry, { kind: 'openRound', agent: A1, index: 0, nonce, answerHash, proof });
  const ids = { bootId: newKey(), pid: 1, startTime: 1, incarnation: 1, decisionHead: ZERO };
  const evidence = { ...ids, kemKey: newKey(), frameKey: newKey(), quoteHash: ZERO };
  const place = { chainId: CHAIN, contract: registry.pipeline.attestation, round: 1, agent: A1 };
  const binding = bindingOf(place, evidence, answer, hashing);
  await done(guardLedger, {
    kind: 'commit',
    round: 1,
    evidence,
    binding,
    reveal: ZERO,
    nextDraw: ZERO,
  });
  await done(registry, {
    kind: 'verdict',
    round: 1,
    verifier: ZERO,
    answer,
    pass: true,
    appraisalHash: ZERO,
  });
}

test('a flood from an account without a role takes little room, and a round beside it goes its way', async () => {
  const { registry, guardLedger } = await pipeline();
  const sign = transferOf(strangerKey, CHAIN);
  const raws = await Promise.all(Array.from({ length: 300 }, (_, nonce) => sign(nonce)));
  const beganMs = performance.now();
  let flooding = true;
  let refused = 0;
  let sent = 0;
  // Four connections, each asking again for what was not taken, as fast as it is answered, until the round is over.
  const flood = async (from: number): Promise<void> => {
    for (let at = from; flooding; at = (at + 20) % raws.length) {
      const body = JSON.stringify(
        raws
          .slice(at, at + 20)
          .map((raw, id) => ({ jsonrpc: '2.0', id, method: 'eth_sendRawTransaction', params: [raw] })),
      );
      const headers = { 'content-type': 'application/json' };
      const text = await (await fetch(node.url, { method: 'POST', headers, body })).text();
      sent += 20;
      refused += text.split('has no role here').length - 1;
    }
  };
  const floods = [0, 20, 40, 60].map(flood);
  try {
    await attest(registry, guardLedger);
  } finally {
    flooding = false;
    await Promise.all(floods);
  }
  const tookS = (performance.now() - beganMs) / 1000;
  const address = privateKeyToAccount(strangerKey).address;
  const taken = Number((await rawRpc(node.url, 'eth_getTransactionCount', [address])).result);
  expect(sent).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(100);
  expect(taken).toBeLessThanOrEqual(BURST + PER_SEC * tookS + 1);
}, 60_000);

test('who gets a role gets room, and who loses it does not keep it', async () => {
  const { operatorLedger } = await pipeline();
  const sign = transferOf(guardKey, CHAIN);
  const submit = async (nonce: number) =>
    (await rawRpc(node.url, 'eth_sendRawTransaction', [await sign(nonce)])).error;
  for (let nonce = 0; nonce < 3 * BURST; nonce++) expect(await submit(nonce)).toBeUndefined();
  await done(operatorLedger, { kind: 'removeGuard', guard });
  const errors = [];
  for (let nonce = 3 * BURST; nonce < 6 * BURST; nonce++) errors.push(await submit(nonce));
  expect(errors.filter((each) => each !== undefined).length).toBeGreaterThan(BURST);
}, 60_000);

test('a stranger cannot reserve the gas of a block, and the events that give roles are those of the contract', async () => {
  await pipeline();
  const raw = await privateKeyToAccount(strangerKey).signTransaction({
    type: 'legacy',
    chainId: CHAIN,
    nonce: 0,
    gas: 900_000_000n,
    gasPrice: 0n,
    to: operator,
  });
  expect((await rawRpc(node.url, 'eth_sendRawTransaction', [raw])).error?.message).toContain('no role here');
  const file = new URL('../../src/adapters/ledger-embedded/admission.ts', import.meta.url);
  const source = await readFile(file, 'utf8');
  const names = ['RoleGranted(bytes32,address,address)', 'RoleRevoked(bytes32,address,address)'];
  for (const each of [...names, 'GuardEnrolled(address,bytes32,string)', 'GuardRemoved(address)']) {
    expect(source).toContain(toEventSelector(each));
  }
}, 60_000);
