import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Hex } from '../../protocol/ledger.ts';
import { sealShare } from '../trust/share-request.ts';
import type { TestGuard } from '../trust/testing/share-round.ts';
import { newGuard, PIPELINE, ROUND, roundOf } from '../trust/testing/share-round.ts';
import { ShareCollector } from './share-collector.ts';

const HOLDERS = ['east', 'north', 'west', 'the registry'] as const;

let guard: TestGuard;
let round: ReturnType<typeof roundOf>;
let collector: ShareCollector;
let wrong: string[];

beforeEach(async () => {
  guard = await newGuard();
  round = roundOf(guard.account);
  round.opened();
  round.committed();
  wrong = [];
  collector = new ShareCollector({
    kemKey: guard.kem,
    account: guard.account,
    state: () => round.trust.state,
    onWrong: (number, holder) => wrong.push(`${number} ${holder}`),
  });
});

/** What a holder tells: its share, or other bytes in its place. */
async function told(
  holder: (typeof HOLDERS)[number],
  bytes?: Uint8Array,
  threshold = 3,
): Promise<Hex | undefined> {
  const share = round.shares[HOLDERS.indexOf(holder)];
  if (share === undefined) throw new Error('it holds one');
  const request = await guard.request();
  const sealed = await sealShare(PIPELINE, request, {
    share: { ...share, bytes: bytes ?? share.bytes },
    threshold,
  });
  return collector.take(PIPELINE, ROUND, holder, sealed ?? '0x');
}

describe('a guard that is to judge a round', () => {
  it.each(HOLDERS)('has its answer from the others while %s is silent', async (silent) => {
    const others = HOLDERS.filter((holder) => holder !== silent);
    const answers = [];
    for (const holder of others) answers.push(await told(holder));
    expect(answers).toEqual([undefined, undefined, round.answer]);
    expect(wrong).toEqual([]);
  });

  it.each(HOLDERS)('has its answer although %s tells something else, and names it once', async (liar) => {
    expect(await told(liar, new Uint8Array(randomBytes(32)))).toBeUndefined();
    let answer: Hex | undefined;
    for (const holder of HOLDERS) if (holder !== liar) answer = (await told(holder)) ?? answer;
    expect(answer).toBe(round.answer);
    expect(await told(liar, new Uint8Array(randomBytes(32)))).toBe(round.answer);
    expect(wrong).toEqual([`${ROUND} ${liar}`]);
  });

  it('is not led astray by who says that fewer or more are needed', async () => {
    expect(await told('east', undefined, 1)).toBeUndefined();
    expect(await told('north', undefined, 200)).toBeUndefined();
    expect(await told('west')).toBe(round.answer);
    expect(wrong).toEqual([]);
  });

  it('has nothing from the same holder twice, or from what was not sealed to it', async () => {
    expect(await told('east')).toBeUndefined();
    expect(await told('east')).toBeUndefined();
    expect(await told('north')).toBeUndefined();
    expect(await collector.take(PIPELINE, ROUND, 'west', '0x00')).toBeUndefined();
    expect(await collector.take(PIPELINE, ROUND, 'west', `0x${'11'.repeat(120)}`)).toBeUndefined();
  });

  it('keeps nothing of a round that is over', async () => {
    await told('east');
    await told('north');
    round.over();
    // The first two are gone with it.
    expect(await told('west')).toBeUndefined();
  });
});
