import { randomBytes } from 'node:crypto';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { hashing } from '../../src/adapters/keys/hashing.ts';
import { toHex } from '../../src/adapters/keys/hex.ts';
import { encodeCall } from '../../src/adapters/ledger-rpc/encode-call.ts';
import { bindingOf } from '../../src/core/attestation/binding.ts';
import { answerHashOf, answerTo, challengeBatch } from '../../src/core/attestation/challenge.ts';
import { referenceOf } from '../../src/core/attestation/reference.ts';
import type { Evidence, Hex, LedgerCall } from '../../src/protocol/ledger.ts';
import { ZERO } from '../../src/protocol/ledger.ts';
import { sampleRuntime } from '../../src/runtime/genuine/sample-runtime.ts';
import { plannedClaims, sha256, sha256Bytes } from '../../src/runtime/guard/expected.ts';
import type { Findings } from './figure.ts';
import { Figures } from './figure.ts';
import type { GenuineAgent, GenuineAgents } from './genuine-program.ts';
import { genuineAgents } from './genuine-program.ts';
import { withDirectory } from './with-directory.ts';

const AGENTS = 8;
const ROUNDS = 400;
const APPRAISALS = 3000;
const GUARD = '1'.repeat(64);
const PIPELINE = {
  chainId: 31_337,
  genesisHash: ZERO,
  attestation: `0x${'22'.repeat(20)}`,
  keys: `0x${'33'.repeat(20)}`,
  fromBlock: 1,
} as const;

/** What a round takes beside waiting for blocks: the guard's measurement and signed commit, the verifier's appraisal and signed verdict. */
export function attestationRound(): Promise<Findings> {
  return withDirectory(async (directory) => {
    const agents = await genuineAgents(directory);
    try {
      return await rounds(agents);
    } finally {
      await agents.close();
    }
  });
}

async function rounds(agents: GenuineAgents): Promise<Findings> {
  const figures = new Figures();
  const segments = await sampleRuntime();
  const started: GenuineAgent[] = [];
  for (let index = 0; index < AGENTS; index++) started.push(await agents.start());
  let refused = 0;
  const cpuBefore = process.cpuUsage();
  const appraisals: (() => Promise<boolean>)[] = [];
  for (let number = 1; number <= ROUNDS; number++) {
    const agent = started[number % AGENTS];
    if (agent === undefined) throw new RangeError('at least one agent');
    const { order, manifest, bundleSha256, argv } = agent;
    const claims = { ...plannedClaims(order, manifest, bundleSha256, argv, GUARD), segments };
    const reference = toHex(referenceOf(claims, sha256Bytes));
    const nonce = toHex(randomBytes(32));
    const [challenge] = challengeBatch(reference, 0, [nonce], hashing).challenges;
    if (challenge === undefined) throw new Error('a batch of one challenge');
    const beganMs = performance.now();
    const commit = await commitTo(agents, agent, number, nonce);
    const committedMs = performance.now();
    const appraisal = () => appraise(number, order.key, commit, challenge.answer, challenge.answerHash);
    if (commit === undefined || !(await appraisal())) refused++;
    const endedMs = performance.now();
    appraisals.push(appraisal);
    figures.add('round: measure, commit, appraise', 'ms', endedMs - beganMs);
    figures.add('of it: measure and build the signed commit', 'ms', committedMs - beganMs);
    figures.add('of it: appraise and build the signed verdict', 'ms', endedMs - committedMs);
  }
  const cpu = process.cpuUsage(cpuBefore);
  figures.add('whole rounds by one core (processor time)', '1/s', ROUNDS / ((cpu.user + cpu.system) / 1e6));
  const before = process.cpuUsage();
  for (let done = 0; done < APPRAISALS; done++) await appraisals[done % appraisals.length]?.();
  const used = process.cpuUsage(before);
  const perSecond = APPRAISALS / ((used.user + used.system) / 1e6);
  figures.add('appraisals with signed verdict by one verifier core', '1/s', perSecond);
  figures.add('honest rounds refused', 'rounds', refused);
  figures.note(`${ROUNDS} rounds with ${AGENTS} processes of the agent program, one after the other`);
  figures.note(
    'per core: by processor time of the measuring process, so that others on the machine do not count',
  );
  return figures.findings();
}

interface Commit {
  readonly evidence: Evidence;
  readonly binding: Hex;
}

const guardAccount = privateKeyToAccount(generatePrivateKey());
const verifierAccount = privateKeyToAccount(generatePrivateKey());

/** As the guard does it, up to the transaction that it would send. */
async function commitTo(
  { source }: GenuineAgents,
  { handle, order, manifest, hello }: GenuineAgent,
  round: number,
  nonce: Hex,
): Promise<Commit | undefined> {
  const measured = await source.measure(handle, Buffer.from(nonce.slice(2), 'hex'));
  if (!measured.ok) return undefined;
  const { segments } = measured.measurement.parts;
  const claims = { ...plannedClaims(order, manifest, handle.bundleSha256, handle.argv, GUARD), segments };
  const answer = answerTo(nonce, toHex(referenceOf(claims, sha256Bytes)), hashing);
  const evidence: Evidence = {
    bootId: `0x${sha256(handle.bootId)}`,
    pid: handle.pid,
    startTime: handle.startTime,
    incarnation: order.incarnation,
    decisionHead: ZERO,
    kemKey: hello.kemKey,
    frameKey: hello.frameKey,
    quoteHash: ZERO,
  };
  const { chainId, attestation: contract } = PIPELINE;
  const binding = bindingOf({ chainId, contract, round, agent: order.key }, evidence, answer, hashing);
  const nextDraw = answerHashOf(toHex(randomBytes(32)), hashing);
  await signed(guardAccount, { kind: 'commit', round, evidence, binding, reveal: ZERO, nextDraw });
  return { evidence, binding };
}

/** As the guard of a verifier does it, up to the transaction. */
async function appraise(
  round: number,
  agent: Hex,
  commit: Commit | undefined,
  answer: Hex,
  answerHash: Hex,
): Promise<boolean> {
  if (commit === undefined || answerHashOf(answer, hashing) !== answerHash) return false;
  const { chainId, attestation: contract } = PIPELINE;
  const place = { chainId, contract, round, agent };
  const pass = bindingOf(place, commit.evidence, answer, hashing) === commit.binding;
  const appraisalHash: Hex = `0x${sha256(JSON.stringify({ round, pass }))}`;
  await signed(verifierAccount, { kind: 'verdict', round, verifier: agent, answer, pass, appraisalHash });
  return pass;
}

function signed(account: ReturnType<typeof privateKeyToAccount>, call: LedgerCall): Promise<Hex> {
  const { chainId } = PIPELINE;
  const free = { type: 'legacy', chainId, nonce: 1, gas: 1_000_000n, gasPrice: 0n } as const;
  return account.signTransaction({ ...free, ...encodeCall(call, PIPELINE) });
}
