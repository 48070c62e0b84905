import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import type { DecisionFindings } from '../../protocol/decision-disclosure.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { sha256 } from '../guard/expected.ts';
import { bundleAgent } from '../image/bundle-agent.ts';
import { disclose, disclosureContext } from './disclose.ts';
import type { ReExecutorOptions } from './re-executor.ts';
import { ReExecutor } from './re-executor.ts';
import type { Alter } from './testing/decided.ts';
import { configOf, Decider } from './testing/decided.ts';

const SEED: Hex = ZERO;
let dir: string;
let bundle: { bytes: Uint8Array; sha256: string };
let executor: ReExecutor | undefined;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'muster-test-'));
  const bytes = await bundleAgent(join(import.meta.dirname, '../agent-process/main.ts'));
  bundle = { bytes, sha256: sha256(bytes) };
});

afterEach(() => executor?.close());
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const isThere = (pid: number): boolean =>
  existsSync(`/proc/${pid}/exe`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

async function gone(pid: number): Promise<boolean> {
  return vi.waitUntil(() => !isThere(pid), { timeout: 20_000, interval: 5 });
}

function start(options: ReExecutorOptions = {}): ReExecutor {
  executor = new ReExecutor({ withinMs: 20_000, ...options });
  return executor;
}

/** What an agent has decided, packed, with what it has committed to. */
async function round(alter?: Alter) {
  const decider = new Decider(configOf(8), alter === undefined ? {} : { alter });
  decider.decideTimes(20);
  const head = decider.log.head();
  const kemKey = await newKemKey();
  const asked = { head, seed: SEED, kemKey: kemKey.publicKey };
  const parts = await disclose(decider.log, asked, 8);
  const sealed = new Uint8Array(Buffer.from((parts ?? []).join(''), 'base64'));
  const packed = await kemKey.open(sealed, disclosureContext(head, SEED));
  return {
    claim: { config: decider.config, head, settled: ZERO, seed: SEED },
    packed: packed ?? new Uint8Array(),
  };
}

describe('the process that executes decisions again', () => {
  it('runs the reference bundle: passes what that decides, refuses what it does not, and is replaced after that', async () => {
    const process = start();
    const [honest, altered] = [await round(), await round((effects, n) => (n === 20 ? [] : effects))];
    expect(await process.appraise(bundle, honest.claim, honest.packed)).toMatchObject({
      decisions: 20,
      executed: 20,
      register: { outputs: 20 },
    });
    const first = process.pids[0] ?? 0;
    expect(isThere(first)).toBe(true);
    expect(await process.appraise(bundle, honest.claim, honest.packed)).toMatchObject({
      decisions: 20,
      executed: 20,
      register: { outputs: 20 },
    });
    expect(process.pids[0]).toBe(first);
    const found = await process.appraise(bundle, altered.claim, altered.packed);
    expect(found.reason).toMatch(/decision 20 of 20 is not what its program decides/);
    expect(process.pids[0]).toBeUndefined();
    expect(await gone(first)).toBe(true);
    expect((await process.appraise(bundle, honest.claim, honest.packed)).reason).toBeUndefined();
  });

  it('is under the permission model, with no socket, and under a user of its own where that can be', async () => {
    const running = start();
    const { claim, packed } = await round();
    await running.appraise(bundle, claim, packed);
    const argv = readFileSync(`/proc/${running.pids[0]}/cmdline`, 'utf8').split('\0');
    expect(argv).toEqual(expect.arrayContaining(['--no-addons', 're-execute']));
    expect(argv.some((each) => each.includes('permission'))).toBe(true);
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${running.pids[0]}/status`, 'utf8'))?.[1];
    expect(uid).toBe(String(process.getuid?.() === 0 ? 65_000 : process.getuid?.()));
  });

  it('that takes too long is ended, and what it was to judge fails', async () => {
    const running = start({ withinMs: 1 });
    const { claim, packed } = await round();
    const findings = await running.appraise(bundle, claim, packed);
    expect(findings.reason).toMatch(/could not be executed again/);
    expect(running.pids[0]).toBeUndefined();
  });

  it('does not let others wait for one that takes long: they go on beside it, and one process is left', async () => {
    const running = start({ withinMs: 6000, fairMs: 20 });
    const { claim, packed } = await round();
    await running.appraise(bundle, claim, packed);
    const slow = running.pids[0] ?? 0;
    process.kill(slow, 'SIGSTOP');
    const order: string[] = [];
    const note = (what: string) => (findings: DecisionFindings) => {
      order.push(`${what} ${findings.reason === undefined ? 'passes' : 'fails'}`);
    };
    const all = ['slow', 'next', 'third'].map((each) =>
      running.appraise(bundle, claim, packed).then(note(each)),
    );
    await Promise.all(all.slice(1));
    expect(isThere(slow)).toBe(true);
    await Promise.all(all);
    expect(order).toEqual(['next passes', 'third passes', 'slow fails']);
    expect(await gone(slow)).toBe(true);
    await running.appraise(bundle, claim, packed);
    expect(running.pids).toHaveLength(1);
  });

  it('that runs out of memory is ended, and what it was to judge fails', async () => {
    const running = start({ heapMb: 16 });
    const { claim } = await round();
    const deep = gzipSync(`{"headers":${'['.repeat(3_000_000)}${']'.repeat(3_000_000)}}`);
    expect((await running.appraise(bundle, claim, deep)).reason).toBeDefined();
    expect(running.pids[0]).toBeUndefined();
  });

  it('is gone once its guard closes it', async () => {
    const running = start();
    const { claim, packed } = await round();
    await running.appraise(bundle, claim, packed);
    const pid = running.pids[0] ?? 0;
    running.close();
    expect(await gone(pid)).toBe(true);
    expect((await running.appraise(bundle, claim, packed)).reason).toMatch(/ends/);
  });
});
