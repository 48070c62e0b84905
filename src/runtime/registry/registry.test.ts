import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import { bindingOf } from '../../core/attestation/binding.ts';
import { leafOf } from '../../core/attestation/challenge.ts';
import { verifyProof } from '../../core/attestation/merkle.ts';
import type { LedgerCall } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { hex32 } from '../trust/testing/fake-ledger.ts';
import {
  A1,
  A2,
  evidence,
  manifest,
  orderOf,
  PERIOD_S,
  RegistryScene,
  refuseAll,
  START_S,
} from './testing/registry-scene.ts';

type Verdict = Extract<LedgerCall, { kind: 'verdict' }>;

let scene: RegistryScene;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: 1000 * START_S });
  scene = new RegistryScene();
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

  it('registers nothing that it could not keep, and says why', async () => {
    scene.store.broken = true;
    const registration = { order: orderOf(A1), manifest, argv: ['node'], guardSha256: '34'.repeat(32) };
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
      scene = new RegistryScene();
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
    const round = scene.opened(scene.lastOpened());
    await scene.pass(11);
    const before = scene.calls('tick').length;
    await scene.pass(1);
    expect(scene.calls('tick').length).toBeGreaterThan(before);
    scene.tell({ kind: 'RoundExpired', round, agent: A1, silent: A1 });
    const ended = scene.calls('tick').length;
    await scene.pass(5);
    expect(scene.calls('tick')).toHaveLength(ended);
  });

  it('ticks every three seconds while a round goes on: to the ledger, time in which it hears nothing counts against nobody', async () => {
    await scene.register();
    scene.opened(scene.lastOpened());
    await scene.pass(2);
    expect(scene.calls('tick')).toEqual([]);
    await scene.pass(7);
    expect(scene.calls('tick').length).toBeGreaterThanOrEqual(2);
    expect(scene.calls('tick').length).toBeLessThanOrEqual(3);
  });

  it('waits longer where the ledger has moved the deadlines', async () => {
    await scene.register();
    scene.opened(scene.lastOpened());
    scene.tell({ kind: 'DeadlinesMoved', bySeconds: 20 });
    await scene.pass(21);
    // Every three seconds, and not at every look.
    expect(scene.calls('tick').length).toBeLessThanOrEqual(7);
  });
});
