import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { ChainDisclosure, SegmentHeader } from './decision-chain.ts';
import { BIRTH, headOf, openingOf, sampledSegments, settledBefore, whyNotBehind } from './decision-chain.ts';
import type { OutputRegister } from './output-register.ts';
import { EMPTY_REGISTER, extend } from './output-register.ts';

const textHash = (text: string): Hex => hashing.keccak256(`0x${Buffer.from(text).toString('hex')}`);
const word = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
const INITIAL = word(100);
/** After so many outputs. */
const registers = [EMPTY_REGISTER];
for (let n = 1; n < 20; n++) registers.push(extend(registers[n - 1] ?? EMPTY_REGISTER, word(n), textHash));
const registerAt = (n: number): OutputRegister => registers[n] ?? EMPTY_REGISTER;

/** Segments from state `from` on, each with 3 decisions that put out one thing. */
function headersFrom(from: number, count: number): readonly SegmentHeader[] {
  return Array.from({ length: count }, (_, i) => ({
    decisions: 3,
    before: word(from + i),
    after: word(from + i + 1),
    body: word(1000 + from + i),
    register: registerAt(from + i + 1 - 100),
  }));
}

function disclosed(
  settled: Hex,
  headers: readonly SegmentHeader[],
  state: Hex,
  previousOpening?: ChainDisclosure['opening'],
): ChainDisclosure {
  const before =
    previousOpening === undefined ? { ...BIRTH, head: settled } : { ...previousOpening, head: settled };
  return { opening: openingOf(before, headers, state, hashing), previousOpening, headers };
}

const first = disclosed(ZERO, headersFrom(100, 3), word(103));
const firstHead = headOf(first.opening, hashing);
const second = disclosed(firstHead, headersFrom(103, 2), word(105), first.opening);
const secondHead = headOf(second.opening, hashing);
const claim = { head: secondHead, settled: firstHead, initial: INITIAL };

describe('a chain of decisions', () => {
  it('goes on from the initial state, and then from the state of the head that was settled', () => {
    expect(
      whyNotBehind({ head: firstHead, settled: ZERO, initial: INITIAL }, first, hashing),
    ).toBeUndefined();
    expect(whyNotBehind(claim, second, hashing)).toBeUndefined();
    const none = disclosed(ZERO, [], INITIAL);
    const head = headOf(none.opening, hashing);
    expect(whyNotBehind({ head, settled: ZERO, initial: INITIAL }, none, hashing)).toBeUndefined();
  });

  it('that begins with another state than such an agent is not taken', () => {
    const claimed = { head: firstHead, settled: ZERO, initial: word(99) };
    expect(whyNotBehind(claimed, first, hashing)).toMatch(/follow/);
  });

  it('with one header changed, left out or moved is not the one behind its head', () => {
    fc.assert(
      fc.property(
        fc.nat(1),
        fc.constantFrom('decisions', 'before', 'after', 'body', 'register', 'gone', 'twice'),
        (at, what) => {
          const headers = second.headers.flatMap((header, index) => {
            if (index !== at) return [header];
            if (what === 'gone') return [];
            if (what === 'twice') return [header, header];
            if (what === 'register') return [{ ...header, register: registerAt(19) }];
            return [{ ...header, [what]: what === 'decisions' ? 4 : word(7) }];
          });
          expect(whyNotBehind(claim, { ...second, headers }, hashing)).toBeDefined();
        },
      ),
    );
  });

  it('that leaves a gap is not taken, though it is the one behind its head', () => {
    const [one] = headersFrom(103, 1);
    const [other] = headersFrom(105, 1);
    const headers = [one, other].flatMap((each) => each ?? []);
    const gap = disclosed(firstHead, headers, word(106), first.opening);
    const head = headOf(gap.opening, hashing);
    expect(whyNotBehind({ ...claim, head }, gap, hashing)).toMatch(/follow/);
    const end = disclosed(firstHead, headersFrom(103, 2), word(104), first.opening);
    expect(whyNotBehind({ ...claim, head: headOf(end.opening, hashing) }, end, hashing)).toMatch(/end/);
  });

  it('that forgets what was settled, or makes up the head before, is not taken', () => {
    const anew = disclosed(ZERO, headersFrom(100, 2), word(102));
    expect(whyNotBehind({ ...claim, head: headOf(anew.opening, hashing) }, anew, hashing)).toMatch(/go on/);
    const other = openingOf(BIRTH, headersFrom(100, 3), word(104), hashing);
    expect(whyNotBehind(claim, { ...second, previousOpening: other }, hashing)).toMatch(/head before/);
    expect(whyNotBehind(claim, { ...second, previousOpening: undefined }, hashing)).toMatch(/head before/);
  });
});

describe('what a chain accounts for', () => {
  it('is counted on from head to head', () => {
    expect(first.opening).toMatchObject({ decisions: 9, register: registerAt(3) });
    expect(settledBefore(second)).toMatchObject({ head: firstHead, decisions: 9, register: registerAt(3) });
    expect(second.opening).toMatchObject({ decisions: 15, register: registerAt(5) });
  });

  it('is not taken where its head says another count or register than its segments, or one that goes back', () => {
    for (const change of [{ decisions: 16 }, { register: registerAt(6) }]) {
      const said = { ...second, opening: { ...second.opening, ...change } };
      expect(whyNotBehind({ ...claim, head: headOf(said.opening, hashing) }, said, hashing)).toMatch(
        /segments/,
      );
    }
    for (const register of [registerAt(2), { ...registerAt(3), digest: word(9) }]) {
      const back = disclosed(
        firstHead,
        headersFrom(103, 2).map((each) => ({ ...each, register })),
        word(105),
        first.opening,
      );
      expect(whyNotBehind({ ...claim, head: headOf(back.opening, hashing) }, back, hashing)).toMatch(
        /follow/,
      );
    }
  });
});

describe('samples', () => {
  it('are the same for everybody who has the seed, and others with another', () => {
    const headers = headersFrom(0, 1000);
    const draw = (seed: number) => sampledSegments(word(seed), headers, 10, hashing);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(sampledSegments(word(1), [], 10, hashing)).toEqual([]);
  });

  it('draw each decision with the same chance, however long its segment', () => {
    // One segment of 30 decisions among 10 of 7: it holds 30 % of them.
    const headers = [{ decisions: 30 }, ...Array.from({ length: 10 }, () => ({ decisions: 7 }))];
    const hits = Array.from({ length: 1000 }, (_, seed) => sampledSegments(word(seed), headers, 1, hashing));
    const long = hits.filter(([index]) => index === 0).length;
    // Four standard deviations of a binomial distribution with n = 1000 and p = 0.3.
    expect(Math.abs(long - 300)).toBeLessThan(58);
  });
});
