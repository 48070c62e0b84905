import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { count, figure, list, percent, plainText, rate, span } from './in-words.ts';

describe('figures in words', () => {
  it('have the unit that reads best', () => {
    expect([0, 999, 999.6, 300_000, 999_600, 12_340_000].map(rate)).toEqual([
      '0 B/s',
      '999 B/s',
      '1 KB/s',
      '300 KB/s',
      '1 MB/s',
      '12.3 MB/s',
    ]);
    expect([0, 840, 999.7, 2913, 45_000].map(span)).toEqual(['0 ms', '840 ms', '1.00 s', '2.91 s', '45.0 s']);
    expect([0, 0.058, 0.974, 1.2].map(percent)).toEqual(['0 %', '5.8 %', '97 %', '120 %']);
    expect([0.3127, 12_345.6, 0.2, 7].map(figure)).toEqual(['0.313', '12346', '0.2', '7']);
    expect([count(1, 'auction'), count(12_345, 'message'), count(2, 'address', 'addresses')]).toEqual([
      '1 auction',
      '12,345 messages',
      '2 addresses',
    ]);
  });

  it('list names and count the rest', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map((names) => list(names))).toEqual([
      'nobody',
      'a',
      'a and b',
      'a, b and c',
    ]);
    expect(list(['a', 'b', 'c', 'd'], 3)).toBe('a, b and 2 more');
  });
});

describe('plainText', () => {
  it('keeps a harmless text as it is and loses every control character of another', () => {
    expect(plainText('s4>h1 – 300 KB/s ✓ 日本')).toBe('s4>h1 – 300 KB/s ✓ 日本');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const safe = plainText(text);
        expect(safe.length).toBe(text.length);
        for (const character of safe) {
          expect(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(character)).toBe(false);
        }
      }),
    );
  });
});
