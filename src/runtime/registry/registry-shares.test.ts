import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import { answerOfShares, sharePlanOf } from '../../core/attestation/answer-shares.ts';
import { answerTo } from '../../core/attestation/challenge.ts';
import { seatBeside } from '../../core/attestation/seat.ts';
import { hex32 } from '../trust/testing/fake-ledger.ts';
import { Incarnation } from './incarnation.ts';
import { A1, A2, orderOf, RegistryScene, START_S } from './testing/registry-scene.ts';

let scene: RegistryScene;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'], now: 1000 * START_S });
  scene = new RegistryScene();
});

afterEach(() => {
  scene.registry.close();
  vi.useRealTimers();
});

describe('what the registry shares out', () => {
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
    const incarnation = new Incarnation(orderOf(A1), sharePlanOf(['core', 'east', 'west'], 'core'));
    const reference = hex32(77);
    const { nonces } = incarnation.draw(reference);
    const told = nonces.map(() => JSON.stringify(incarnation.take())).join();
    for (const nonce of nonces) {
      expect(told).toContain(nonce);
      expect(told).not.toContain(answerTo(nonce, reference, hashing));
    }
    expect(told).not.toContain(reference);
  });
});
