import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance, nearestName, suggestName } from './nearest-name.ts';

const word = fc.string({ maxLength: 12 });

describe('edit distance', () => {
  test('is nought for equal texts alone, symmetric, and at most the longer length', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });

  test('counts a letter too many, one missing, one wrong and two swapped as one edit', () => {
    expect(editDistance('apache', 'appache')).toBe(1);
    expect(editDistance('apache', 'apche')).toBe(1);
    expect(editDistance('apache', 'apaxhe')).toBe(1);
    expect(editDistance('apache', 'aapche')).toBe(1);
    expect(editDistance('target', 'taregt')).toBe(1);
  });

  test('is bounded for hostile lengths', () => {
    expect(editDistance('a'.repeat(1_000_000), 'b'.repeat(1_000_000))).toBe(64);
  });
});

describe('nearest name', () => {
  test('finds what was meant, case apart', () => {
    expect(nearestName('durationMS', ['name', 'durationMs', 'title'])).toBe('durationMs');
    expect(nearestName('web-servr', ['link-monitor', 'web-server'])).toBe('web-server');
  });

  test('does not guess when nothing is near', () => {
    expect(nearestName('zebra', ['name', 'title'])).toBeUndefined();
    expect(nearestName('x', [])).toBeUndefined();
  });

  test('a suggestion names the near one, or else what there is', () => {
    expect(suggestName('s11', ['s1', 's2'], 'a switch')).toBe('did you mean `s1`?');
    expect(suggestName('zebra', ['s1', 's2'], 'a switch')).toBe('use a switch: `s1`, `s2`');
    expect(suggestName('zebra', [], 'a switch')).toBe('add a switch first: there is none');
  });
});
