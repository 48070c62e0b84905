import { beforeEach, describe, expect, it } from 'vitest';
import { AHEAD_WITHIN_MS, AheadOfBlocks } from './ahead-of-blocks.ts';

let nowMs: number;
/** Which numbers our blocks bear out by now. */
let known: number;
let dealt: string[];
let ahead: AheadOfBlocks<number>;

beforeEach(() => {
  [nowMs, known, dealt] = [0, 1, []];
  ahead = new AheadOfBlocks({
    most: 3,
    nowMs: () => nowMs,
    deal: (item, mayWait) => {
      if (item > known && mayWait) return false;
      dealt.push(`${item} ${item > known ? 'refused' : 'done'}`);
      return true;
    },
  });
});

describe('what has come ahead of the block that bears it out', () => {
  it('is done once the block is there; what is borne out already is done at once', () => {
    ahead.take('a1', 1);
    ahead.take('a1', 2);
    ahead.again();
    expect(dealt).toEqual(['1 done']);
    known = 2;
    ahead.again();
    ahead.again();
    expect(dealt).toEqual(['1 done', '2 done']);
  });

  it('keeps the order of its sender, and holds up nobody else', () => {
    ahead.take('a1', 2);
    ahead.take('a1', 1);
    ahead.take('a2', 1);
    expect(dealt).toEqual(['1 done']);
    known = 2;
    ahead.again();
    expect(dealt).toEqual(['1 done', '2 done', '1 done']);
  });

  it('is refused when it has waited for too long, and what stood behind it is looked at', () => {
    ahead.take('a1', 2);
    ahead.take('a1', 1);
    nowMs = AHEAD_WITHIN_MS - 1;
    ahead.again();
    expect(dealt).toEqual([]);
    nowMs = AHEAD_WITHIN_MS;
    ahead.again();
    expect(dealt).toEqual(['2 refused', '1 done']);
  });

  it('waits only as long as there is room', () => {
    ahead.take('a1', 2, 2);
    ahead.take('a1', 3, 2);
    ahead.take('a2', 4, 4);
    expect(dealt).toEqual(['3 refused', '4 refused']);
    known = 2;
    ahead.again();
    ahead.take('a1', 3, 3);
    known = 3;
    ahead.again();
    expect(dealt.slice(2)).toEqual(['2 done', '3 done']);
  });
});
