import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import type { AgentHandle, EvidenceSource } from '../../ports/evidence-source.ts';
import { agentId } from '../../protocol/ids.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { AgentSchema } from '../../protocol/scenario.ts';
import type { FromGuard, SpawnOrder } from '../../protocol/site-control.ts';
import { spkiOf } from '../image/operator-key.ts';
import { imageDigest, imageText, wrapImage } from '../image/wrap-image.ts';
import { TrustView } from '../trust/trust-view.ts';
import { OwnAgents } from './own-agents.ts';
import { ProcessKeeper } from './process-keeper.ts';

const A1 = agentId('a1');
const folder = mkdtempSync(join(tmpdir(), 'muster-keeper-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const policy = {
  runtimeCode: 'none',
  maxRuntimeCodeBytes: 0,
  maxThreads: 1,
  descriptors: 'given-only',
  sockets: 'given-only',
} as const;
const [image, newer] = [1, 2].map((version) => {
  const about = { agent: 'a1', version, capabilities: [], runtime: 'native', policy } as const;
  const wrapped = wrapImage(new Uint8Array([1, 2, 3]), { ...about, capabilities: [] }, privateKey);
  const file = join(folder, `a1-${version}.image`);
  writeFileSync(file, imageText(wrapped));
  return { file, manifest: wrapped.manifest };
});

function orderOf(incarnation: number, given = image, key = agentKeyOf(A1)): SpawnOrder {
  if (given === undefined) throw new Error('there are two images');
  const config = {
    name: A1,
    key: agentKeyOf(A1),
    incarnation,
    pipeline: 'test',
    collector: ZERO,
    startMs: 0,
    zeroNs: '0',
    draws: 0,
    agents: [AgentSchema.parse({ name: 'a1', host: 'h1' })],
    hosts: [{ name: 'h1', switch: 's1', cpu: 1, memoryGb: 1 }],
    functions: [],
  };
  return {
    name: A1,
    key,
    incarnation,
    image: given.file,
    imageDigest: `0x${imageDigest(given.manifest)}`,
    version: given.manifest.version,
    config: JSON.stringify(config),
    salt: '00'.repeat(32),
  };
}

/** A source whose agents come up when the test says so, and are no processes. */
class SlowSource implements EvidenceSource {
  readonly stopped: AgentHandle[] = [];
  readonly #waiting: ((handle: AgentHandle) => void)[] = [];

  start(): Promise<AgentHandle> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Resolves once so many are coming up. */
  starting(count: number): Promise<void> {
    return vi.waitUntil(() => this.#waiting.length >= count, { timeout: 5000, interval: 1 }).then(() => {});
  }

  /** The one that was started as the nth has come up. */
  comeUp(nth: number): AgentHandle {
    const handle: AgentHandle = {
      pid: 1_000_000_000 + nth,
      startTime: 1,
      bootId: 'boot',
      argv: [],
      bundleSha256: '',
      send: () => true,
      ended: new Promise(() => {}),
      logs: () => ({ stdout: '', stderr: '' }),
    };
    this.#waiting[nth]?.(handle);
    return handle;
  }

  stop(handle: AgentHandle): Promise<void> {
    this.stopped.push(handle);
    return Promise.resolve();
  }

  measure(): never {
    throw new Error('nobody is measured here');
  }

  sweep(): Promise<ReadonlyMap<AgentHandle, never>> {
    return Promise.resolve(new Map<AgentHandle, never>());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

describe('an agent that is coming up', () => {
  let source: SlowSource;
  let agents: OwnAgents;
  let reports: FromGuard[];
  let keeper: ProcessKeeper;
  let spawning: Promise<void>[];
  beforeEach(() => {
    source = new SlowSource();
    agents = new OwnAgents();
    reports = [];
    spawning = [];
    keeper = new ProcessKeeper({
      source,
      agents,
      trust: new TrustView({ monotonicMs: () => 0, wallSeconds: () => 0 }),
      link: () => undefined,
      operatorKey: spkiOf(publicKey),
      agentSocket: join(folder, 'west.sock'),
      report: (message) => reports.push(message),
      onStarted: () => {},
      onHeld: () => {},
      onEpochRefused: () => {},
    });
  });
  afterEach(async () => {
    for (const nth of spawning.keys()) source.comeUp(nth);
    await Promise.all(spawning);
  });

  function spawn(incarnation: number): Promise<void> {
    const done = keeper.spawn(orderOf(incarnation));
    spawning.push(done);
    return done;
  }

  const told = (kind: FromGuard['kind']) => reports.filter((each) => each.kind === kind);

  it('is told of once it is there', async () => {
    const done = spawn(1);
    await source.starting(1);
    const { pid } = source.comeUp(0);
    await done;
    expect(reports).toEqual([{ kind: 'started', agent: 'a1', incarnation: 1, pid }]);
    expect(source.stopped).toEqual([]);
  });

  it('and is killed meanwhile does not stay, and is told to have ended once', async () => {
    const done = spawn(2);
    await source.starting(1);
    keeper.kill({ kind: 'kill', agent: A1, incarnation: 1, reason: 'another one' });
    expect(told('exited')).toEqual([]);
    keeper.kill({ kind: 'kill', agent: A1, incarnation: 2, reason: 'it was not registered' });
    const handle = source.comeUp(0);
    await done;
    expect(source.stopped).toEqual([handle]);
    expect(reports).toEqual([
      { kind: 'exited', agent: 'a1', incarnation: 2, reason: 'it was not registered' },
    ]);
    expect(agents.all()).toEqual([]);
  });

  it('and is replaced meanwhile does not stay beside the one in its place', async () => {
    const first = spawn(1);
    await source.starting(1);
    const second = spawn(2);
    await source.starting(2);
    const [late, next] = [source.comeUp(0), source.comeUp(1)];
    await Promise.all([first, second]);
    expect(source.stopped).toEqual([late]);
    expect(told('started')).toEqual([{ kind: 'started', agent: 'a1', incarnation: 2, pid: next.pid }]);
    expect(agents.all().map((each) => each.order.incarnation)).toEqual([2]);
  });

  it('is of no older version than one that was started in its place', async () => {
    const first = keeper.spawn(orderOf(1, newer));
    await source.starting(1);
    source.comeUp(0);
    await first;
    await keeper.spawn(orderOf(2));
    expect(told('exited')).toMatchObject([{ incarnation: 2, reason: expect.stringMatching(/older than/) }]);
  });

  it('and whose successor of a newer version came to nothing is started from its own again', async () => {
    const first = spawn(1);
    await source.starting(1);
    source.comeUp(0);
    await first;
    const beside = keeper.spawn(orderOf(2, newer, seatBeside(agentKeyOf(A1))));
    await source.starting(2);
    source.comeUp(1);
    await beside;
    const again = spawn(3);
    await source.starting(3);
    source.comeUp(2);
    await again;
    expect(told('started')).toHaveLength(3);
  });
});
