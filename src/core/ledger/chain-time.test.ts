import fc from 'fast-check';
import { expect, test } from 'vitest';
import { time } from './chain-time.ts';

test('a time of the chain reads as ISO 8601 has it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799 }), (seconds) => {
      expect(time(seconds)).toBe(new Date(seconds * 1000).toISOString().replace('.000Z', 'Z'));
    }),
  );
  expect(time(951_782_400)).toBe('2000-02-29T00:00:00Z');
});
