import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import { answerOfShares, sharePlanOf } from '../../core/attestation/answer-shares.ts';
import { bindingOf } from '../../core/attestation/binding.ts';
import { answerTo, leafOf } from '../../core/attestation/challenge.ts';
import { verifyProof } from '../../core/attestation/merkle.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import { agentId } from '../../protocol/ids.ts';
import type { ImageManifest } from '../../protocol/image.ts';
import type { Hex, LedgerCall, LedgerEvent } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';
import {
  account,
  evidenceOf,
  FakeChain,
  FakeLedger,
  hex32,
  registeredEvent,
} from '../trust/testing/fake-ledger.ts';
import { TrustView } from '../trust/trust-view.ts';
import { Incarnation } from './incarnation.ts';
import type { ReferenceRecord, ReferenceStore } from './reference-store.ts';
import type { Dealt } from './registry.ts';
import { Registry } from './registry.ts';

const START_S = 1_000_000;
const PERIOD_S = 20;
const [A1, A2] = [hex32(21), hex32(22)];
const GUARD1 = account(5);

type Open = Extract<LedgerCall, { kind: 'openRound' }>;
type Verdict = Extract<LedgerCall, { kind: 'verdict' }>;

/** Keeps them at hand, where the real one keeps them in a sealed file. */
class FakeReferences implements ReferenceStore {
  readonly records: ReferenceRecord[] = [];
  broken = false;

  async keep(record: ReferenceRecord): Promise<void> {
    if (this.broken) throw new Error('the disk is full');
    this.records.push(record);
  }

  async move(from: Hex, to: Hex, incarnation: number): Promise<void> {
    const at = this.records.findIndex((each) => each.agent === from && each.incarnation === incarnation);
    const record = this.records[at];
    if (record !== undefined) this.records[at] = { ...record, agent: to };
  }

  async referenceOf(agent: Hex, incarnation: number): Promise<Hex | undefined> {
    if (this.broken) throw new Error('it is damaged');
    return this.records.find((each) => each.agent === agent && each.incarnation === incarnation)?.reference;
  }
}

/** A registry over a chain on which a test says what happened to each call. */
class Scene {
  readonly chain = new FakeChain();
  readonly ledger = new FakeLedger();
  readonly trouble: string[] = [];
  readonly store = new FakeReferences();
  readonly dealt: { readonly site: string; readonly dealt: Dealt }[] = [];
  readonly trust = new TrustView({ monotonicMs: () => Date.now(), wallSeconds: () => Date.now() / 1000 });
  readonly registry: Registry;
  #rounds = 0;

  constructor() {
    this.registry = new Registry({
      ledger: this.ledger,
      trust: this.trust,
      segments: [],
      periodS: PERIOD_S,
      store: this.store,
      sites: ['core', 'east', 'west'],
      siteOf: () => 'core',
      deal: (site, dealt) => this.dealt.push({ site, dealt }),
      onTrouble: (text) => this.trouble.push(text),
    });
  }

  tell(...events: readonly LedgerEvent[]): void {
    const block = this.chain.block(Math.floor(Date.now() / 1000), ...events);
    this.trust.apply(block);
    this.registry.onBlock(block);
  }

  calls<K extends LedgerCall['kind']>(kind: K): readonly Extract<LedgerCall, { kind: K }>[] {
    return this.ledger.calls.filter((call): call is Extract<LedgerCall, { kind: K }> => call.kind === kind);
  }

  async pass(seconds: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(1000 * seconds);
  }

  async register(key: Hex = A1, guard: Hex = GUARD1): Promise<void> {
    this.tell(
      { kind: 'GuardEnrolled', guard, site: hex32(4), siteName: 's' },
      { kind: 'AgentAdmitted', agent: key, name: `n${key.slice(-2)}`, guard },
    );
    const result = await this.registry.register({
      order: order(key),
      manifest,
      argv: ['node', '-'],
      guardSha256: '34'.repeat(32),
    });
    expect(result).toBeUndefined();
    const call = this.calls('registerIncarnation').find((each) => each.agent === key);
    if (call === undefined) throw new Error('it has registered');
    this.tell(registeredEvent(key, 1, call.challengesRoot, call.challenges));
  }

  lastOpened(): Open {
    const call = this.calls('openRound').at(-1);
    if (call === undefined) throw new Error('a round was asked for');
    return call;
  }

  opened({ agent, index, nonce, answerHash }: Open, verifiers: readonly Hex[] = []): number {
    const now = Math.floor(Date.now() / 1000);
    const round = ++this.#rounds;
    this.tell({
      kind: 'RoundOpened',
      round,
      agent,
      incarnation: 1,
      index,
      nonce,
      answerHash,
      verifiers,
      openedAt: now,
      commitBy: now + 10,
    });
    return round;
  }

  committed(round: number, agent: Hex, binding: Hex): void {
    const verdictBy = Math.floor(Date.now() / 1000) + 10;
    this.tell({ kind: 'Committed', round, agent, evidence, binding, verdictBy });
  }

  passed(round: number, agent: Hex): void {
    const validUntil = Math.floor(Date.now() / 1000) + 60;
    this.tell({
      kind: 'RoundPassed',
      round,
      agent,
      incarnation: 1,
      verifier: ZERO,
      validUntil,
      rootOfTrust: agent,
    });
  }

  /** Passes the round that was opened last. */
  passLast(): void {
    const call = this.lastOpened();
    this.passed(this.opened(call), call.agent);
  }
}

const evidence = evidenceOf({ incarnation: 1, kemKey: hex32(31), frameKey: hex32(32) });
const order = (key: Hex): SpawnOrder => ({
  name: agentId(`n${key.slice(-2)}`),
  key,
  incarnation: 1,
  image: '/nowhere',
  imageDigest: hex32(56),
  version: 1,
  config: '{}',
  salt: key.slice(2),
  uid: 1,
});
const manifest: ImageManifest = {
  format: 'muster-image-v1',
  agent: 'agent',
  version: 1,
  runtime: 'node',
  capabilities: [],
  bundleSha256: '12'.repeat(32),
  bundleBytes: 1,
  policy: {
    runtimeCode: 'v8',
    maxRuntimeCodeBytes: 1,
    maxThreads: 1,
    descriptors: 'given-only',
    sockets: 'given-only',
  },
};
const refuseAll = (kind: LedgerCall['kind'], error: string) => (call: LedgerCall) =>
  call.kind === kind ? ({ ok: false, error } as const) : ({ ok: true, block: 1, transaction: ZERO } as const);

let scene: Scene;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: 1000 * START_S });
  scene = new Scene();
});

afterEach(() => {
  scene.registry.close();
  vi.useRealTimers();
});

describe('the registry', () => {
  it('puts a challenge that belongs to the root it has registered', async () => {
    await scene.register();
    const [registered] = scene.calls('registerIncarnation');
    const { index, nonce, answerHash, proof } = scene.lastOpened();
    const leaf = leafOf(index, nonce, answerHash, hashing);
    expect(index).toBe(0);
    expect(verifyProof(leaf, proof, registered?.challengesRoot ?? ZERO, hashing)).toBe(true);
  });

  it('shares out every answer among the sites of others, such that no share tells it and two make it', async () => {
    await scene.register();
    const { answerHash, nonce } = scene.lastOpened();
    expect(scene.dealt.map(({ site, dealt }) => [site, dealt.x, dealt.threshold])).toEqual([
      ['east', 1, 2],
      ['west', 2, 2],
    ]);
    const shares = scene.dealt.flatMap(({ dealt: { x, shares } }) =>
      shares.filter((each) => each.nonce === nonce).map(({ bytes }) => ({ x, bytes })),
    );
    expect(scene.dealt.every(({ dealt }) => dealt.shares.length === 32)).toBe(true);
    const found = answerOfShares(shares, 2, answerHash, hashing);
    expect(found?.wrong).toEqual([]);
    for (const { bytes } of shares) expect(toHex(bytes)).not.toBe(found?.answer);
    // The registry's own share is as good as any.
    const state = { agent: A1, incarnation: 1, nonce };
    const own = await scene.registry.shareOf(state);
    expect(own?.share.x).toBe(3);
    const [first] = shares;
    if (own === undefined || first === undefined) throw new Error('there are shares');
    expect(answerOfShares([own.share, first], 2, answerHash, hashing)?.answer).toBe(found?.answer);
    expect(await scene.registry.shareOf({ ...state, incarnation: 2 })).toBeUndefined();
  });

  it('deals the same shares again to a daemon that has come back, of what may still be asked for', async () => {
    await scene.register(A1);
    await scene.register(A2);
    scene.passLast();
    const before = scene.dealt.filter(({ site }) => site === 'west');
    scene.dealt.length = 0;
    await scene.registry.dealAgain('west');
    const sorted = (all: typeof scene.dealt) =>
      all
        .flatMap(({ dealt }) =>
          dealt.shares.map(({ nonce, bytes }) => `${dealt.agent} ${nonce} ${toHex(bytes)}`),
        )
        .sort();
    expect(sorted(scene.dealt)).toEqual(sorted(before));
    expect(scene.dealt.every(({ site }) => site === 'west')).toBe(true);
    scene.dealt.length = 0;
    await scene.registry.dealAgain('core');
    expect(scene.dealt).toEqual([]);
  });

  it('has the shares and the reference of a successor at hand as those of the member that it becomes', async () => {
    await scene.register(seatBeside(A1));
    const { nonce } = scene.lastOpened();
    const before = await scene.registry.shareOf({ agent: seatBeside(A1), incarnation: 1, nonce });
    expect(before).toBeDefined();
    scene.tell({ kind: 'Succeeded', agent: A1, seat: seatBeside(A1), incarnation: 1 });
    expect(await scene.registry.shareOf({ agent: seatBeside(A1), incarnation: 1, nonce })).toBeUndefined();
    expect(await scene.registry.shareOf({ agent: A1, incarnation: 1, nonce })).toEqual(before);
    scene.dealt.length = 0;
    await scene.registry.dealAgain('west');
    expect(scene.dealt.map(({ dealt }) => dealt.agent)).toEqual([A1]);
  });

  it('has no answer at hand with the challenges that it puts', () => {
    const incarnation = new Incarnation(order(A1), sharePlanOf(['core', 'east', 'west'], 'core'));
    const reference = hex32(77);
    const { nonces } = incarnation.draw(reference);
    const told = nonces.map(() => JSON.stringify(incarnation.take())).join();
    for (const nonce of nonces) {
      expect(told).toContain(nonce);
      expect(told).not.toContain(answerTo(nonce, reference, hashing));
    }
    expect(told).not.toContain(reference);
  });

  it('registers nothing that it could not keep, and says why', async () => {
    scene.store.broken = true;
    const registration = { order: order(A1), manifest, argv: ['node'], guardSha256: '34'.repeat(32) };
    expect(await scene.registry.register(registration)).toBe('the disk is full');
    expect(scene.ledger.calls).toEqual([]);
    scene.store.broken = false;
    await scene.register();
    const round = scene.opened(scene.lastOpened());
    scene.store.broken = true;
    scene.committed(round, A1, hex32(8));
    await scene.pass(0);
    expect(scene.calls('verdict')).toEqual([]);
    expect(scene.trouble).toContain('it is damaged');
    // Whole again: the round is judged with the next block.
    scene.store.broken = false;
    scene.tell();
    await scene.pass(0);
    expect(scene.calls('verdict')).toHaveLength(1);
  });

  it('no answer stands in anything that it sends before the commit', async () => {
    await scene.register();
    const round = scene.opened(scene.lastOpened());
    const before = JSON.stringify(scene.ledger.calls);
    scene.committed(round, A1, hex32(8));
    await scene.pass(0);
    const answer = scene.calls('verdict')[0]?.answer ?? ZERO;
    expect(answer).not.toBe(ZERO);
    expect(before).not.toContain(answer.slice(2));
  });

  it('passes evidence that is bound to the answer, and refuses any other', async () => {
    for (const [forged, pass] of [
      [evidence, true],
      [{ ...evidence, frameKey: hex32(99) }, false],
    ] as const) {
      scene = new Scene();
      await scene.register();
      const round = scene.opened(scene.lastOpened());
      scene.committed(round, A1, hex32(8));
      await scene.pass(0);
      const { answer } = scene.calls('verdict')[0] as Verdict;
      expect(scene.calls('verdict')[0]?.pass).toBe(false);
      // The same commit, by one who knew the answer.
      const { chainId, attestation: contract } = scene.ledger.pipeline;
      const next = round + 1;
      const place = { chainId, contract, round: next, agent: A1 };
      scene.opened({ ...scene.lastOpened() });
      scene.committed(next, A1, bindingOf(place, forged, answer, hashing));
      await scene.pass(0);
      expect(scene.calls('verdict').at(-1)).toMatchObject({ round: next, verifier: ZERO, pass });
      scene.registry.close();
    }
  });

  it('judges a round once, and leaves those that have a verifier to it until it is asked to arbitrate', async () => {
    await scene.register();
    const round = scene.opened(scene.lastOpened(), [A2]);
    scene.committed(round, A1, hex32(8));
    await scene.pass(1);
    expect(scene.calls('verdict')).toEqual([]);
    scene.tell({ kind: 'RoundExpired', round, agent: A1, silent: A2 });
    scene.tell({ kind: 'Arbitration', round, verdictBy: START_S + 30 });
    scene.tell();
    await scene.pass(1);
    expect(scene.calls('verdict')).toMatchObject([{ round, verifier: ZERO, pass: false }]);
  });

  it('opens a round each period, with a challenge that was never put before, and refills in time', async () => {
    await scene.register();
    scene.passLast();
    for (let i = 0; i < 40; i++) {
      const had = scene.calls('openRound').length;
      await scene.pass(PERIOD_S - 1);
      expect(scene.calls('openRound')).toHaveLength(had);
      await scene.pass(1.5);
      expect(scene.calls('openRound')).toHaveLength(had + 1);
      const added = scene.calls('addChallenges').at(-1);
      if (added !== undefined) {
        const { challengesRoot, challenges } = added;
        scene.tell({ kind: 'ChallengesAdded', agent: A1, incarnation: 1, challengesRoot, challenges });
        const { index, nonce, answerHash, proof } = scene.lastOpened();
        expect(verifyProof(leafOf(index, nonce, answerHash, hashing), proof, challengesRoot, hashing)).toBe(
          true,
        );
      }
      scene.passLast();
    }
    expect(scene.calls('openRound').map((each) => each.index)).toEqual(
      Array.from({ length: 41 }, (_, i) => i),
    );
    expect(new Set(scene.calls('openRound').map((each) => each.nonce)).size).toBe(41);
    expect(scene.calls('addChallenges')).toMatchObject([{ challenges: 64 }]);
    expect(scene.trouble).toEqual([]);
  });

  it('a refill that was not taken is sent again', async () => {
    await scene.register();
    scene.passLast();
    for (let i = 0; i < 31; i++) {
      await scene.pass(PERIOD_S + 1);
      scene.passLast();
    }
    expect(scene.calls('addChallenges')).toEqual([]);
    scene.ledger.answer = (call) =>
      call.kind === 'addChallenges' || call.kind === 'openRound'
        ? { ok: false, error: 'not taken in time' }
        : { ok: true, block: 1, transaction: ZERO };
    await scene.pass(PERIOD_S + 1);
    expect(scene.calls('addChallenges')).toHaveLength(1);
    scene.ledger.answer = () => ({ ok: true, block: 1, transaction: ZERO });
    await scene.pass(PERIOD_S + 1);
    const [first, second, ...more] = scene.calls('addChallenges');
    expect(second).toEqual(first);
    expect(more).toEqual([]);
    expect(scene.lastOpened().index).toBe(32);
  });

  it('a challenge that was refused is put again; one that was opened after all is not', async () => {
    await scene.register();
    scene.passLast();
    scene.ledger.answer = refuseAll('openRound', 'not taken in time');
    await scene.pass(PERIOD_S + 1);
    const lost = scene.lastOpened();
    await scene.pass(PERIOD_S + 1);
    expect(scene.lastOpened()).toEqual(lost);
    // It has happened all the same, or somebody else has sent it: its round can be judged, and the next takes the next.
    const round = scene.opened(lost);
    scene.committed(round, A1, hex32(8));
    scene.ledger.answer = () => ({ ok: true, block: 1, transaction: ZERO });
    await scene.pass(0);
    expect(scene.calls('verdict').map((each) => each.round)).toContain(round);
    scene.passed(round, A1);
    await scene.pass(PERIOD_S + 1);
    expect(scene.lastOpened().index).toBe(lost.index + 1);
  });

  it('a challenge that is seen to be opened while its call is under way never comes again', async () => {
    await scene.register();
    scene.passLast();
    let round = 0;
    scene.ledger.answer = (call) => {
      if (call.kind === 'openRound') round = scene.opened(call);
      return { ok: false, error: 'not taken in time' };
    };
    await scene.pass(PERIOD_S + 1);
    scene.ledger.answer = () => ({ ok: true, block: 1, transaction: ZERO });
    scene.passed(round, A1);
    await scene.pass(PERIOD_S + 1);
    expect(scene.calls('openRound').map((each) => each.index)).toEqual([0, 1, 2]);
  });

  it('challenges again whoever was suspended or whose first round came to nothing, not who is revoked', async () => {
    await scene.register();
    const round = scene.opened(scene.lastOpened());
    scene.tell({ kind: 'RoundExpired', round, agent: A1, silent: ZERO });
    await scene.pass(PERIOD_S + 1);
    expect(scene.calls('openRound')).toHaveLength(2);
    scene.passLast();
    scene.tell({ kind: 'ValidityExpired', agent: A1, incarnation: 1 });
    await scene.pass(PERIOD_S + 1);
    expect(scene.calls('openRound')).toHaveLength(3);
    scene.passLast();
    scene.tell({ kind: 'Revoked', agent: A1, incarnation: 1, reason: 'r' });
    await scene.pass(3 * PERIOD_S);
    expect(scene.calls('openRound')).toHaveLength(3);
  });

  it('ends what is overdue with one tick at a time', async () => {
    await scene.register();
    scene.opened(scene.lastOpened());
    await scene.pass(9);
    expect(scene.calls('tick')).toEqual([]);
    await scene.pass(2);
    expect(scene.calls('tick').length).toBeGreaterThan(0);
  });
});
