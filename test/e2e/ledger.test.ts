import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { hashing } from '../../src/adapters/keys/hashing.ts';
import type { EmbeddedNode } from '../../src/adapters/ledger-embedded/embedded-node.ts';
import { startEmbeddedNode } from '../../src/adapters/ledger-embedded/embedded-node.ts';
import { TEST_KEY } from '../../src/adapters/ledger-embedded/testing/raw-rpc.ts';
import { signDigest } from '../../src/adapters/ledger-rpc/checkpoint.ts';
import { createLedger, deployPipeline } from '../../src/adapters/ledger-rpc/create-ledger.ts';
import { lower } from '../../src/adapters/ledger-rpc/decode-event.ts';
import { readLedger } from '../../src/adapters/ledger-rpc/read-ledger.ts';
import { compileSmallContracts } from '../../src/adapters/ledger-rpc/testing/small-contracts.ts';
import { applyBlock, EMPTY_LEDGER } from '../../src/core/attestation/ledger-state.ts';
import { stateHash } from '../../src/core/attestation/state-hash.ts';
import { blockDigest, rosterDigest } from '../../src/core/ledger/checkpoint.ts';
import type { Hex } from '../../src/protocol/ledger.ts';

const bin = fileURLToPath(new URL('../../bin/muster', import.meta.url));
const own = lower(privateKeyToAccount(TEST_KEY).address);
const site: Hex = `0x${'01'.repeat(32)}`;
let dir = '';
let node: EmbeddedNode;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-ledger-e2e-'));
  node = await startEmbeddedNode({ directory: join(dir, 'node'), chainId: 77177, blockMs: 20 });
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
  });
  const ledger = await createLedger({ url: node.url, privateKey: TEST_KEY, pipeline });
  expect((await ledger.call({ kind: 'enrolGuard', guard: own, site, siteName: 'north' })).ok).toBe(true);
  expect((await ledger.call({ kind: 'admitAgent', name: 'a1', guard: own })).ok).toBe(true);
  ledger.close();
  await writeFile(join(dir, 'pipeline.json'), JSON.stringify(pipeline));
  const final = node.final();
  const about = {
    ...pipeline,
    number: final?.number ?? 0,
    hash: final?.hash ?? '0x',
    stateHash: stateHash(
      (await readLedger({ url: node.url, pipeline })).reduce(applyBlock, EMPTY_LEDGER),
      hashing,
    ),
    operator: own,
    signers: [own],
    threshold: 1,
  };
  const { fromBlock: _, ...checkpoint } = {
    ...about,
    operatorSignature: await signDigest(rosterDigest(about, hashing), TEST_KEY),
    signatures: [{ signer: own, signature: await signDigest(blockDigest(about, hashing), TEST_KEY) }],
  };
  await writeFile(join(dir, 'good.json'), JSON.stringify(checkpoint));
  await writeFile(join(dir, 'bad.json'), JSON.stringify({ ...checkpoint, hash: site }));
}, 30_000);

afterAll(async () => {
  await node.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Not `spawnSync`: the node that is asked runs in this process. */
function muster(
  ...args: readonly string[]
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const env = { ...process.env, MUSTER_LEDGER: node.url };
  const child = spawn(bin, ['ledger', ...args, '--pipeline', 'pipeline.json'], {
    cwd: dir,
    env,
    timeout: 20_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })));
}

test('the ledger is listed and described in sentences', async () => {
  const listed = await muster('list');
  expect(listed.status).toBe(0);
  expect(listed.stdout).toContain('a1 was admitted to the pipeline, behind the guard of north.');
  const [line = ''] = (await muster('list', '--agent', 'a1', '-o', 'jsonl')).stdout.split('\n');
  const row = z
    .object({ id: z.string(), event: z.literal('AgentAdmitted'), agent: z.literal('a1') })
    .parse(JSON.parse(line));
  const described = await muster('describe', row.id);
  expect(described.stdout).toContain(`AgentAdmitted at `);
  expect(described.stdout).toContain(`guard: ${own}`);
});

test('verify ends with 0 where everything fits, and with 3 and the findings where it does not', async () => {
  const good = await muster('verify', '--operator', own, '--checkpoint', 'good.json');
  expect([good.status, good.stderr.trim()]).toEqual([0, 'Everything fits.']);
  const bad = await muster('verify', '--operator', own, '--checkpoint', 'bad.json', '-o', 'json');
  expect(bad.status).toBe(3);
  expect(
    z.object({ findings: z.array(z.object({ check: z.string() })) }).parse(JSON.parse(bad.stdout)).findings
      .length,
  ).toBeGreaterThan(1);
});

test('a missing flag, a bad file and a silent URL are said with what to try', async () => {
  const bad = await muster('verify', '--operator', own, '--checkpoint', 'pipeline.json');
  expect([bad.status, bad.stderr]).toEqual([64, expect.stringContaining('try: ')]);
  const silent = await muster('list', '--url', 'http://127.0.0.1:1');
  expect([silent.status, silent.stderr]).toEqual([1, expect.stringContaining('no ledger answers')]);
});
