import { expect, test } from 'vitest';
import { expiryOf } from './expiry.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');

test.each([
  ['90m', '2026-06-01T01:30:00.000Z'],
  ['12h', '2026-06-01T12:00:00.000Z'],
  ['30d', '2026-07-01T00:00:00.000Z'],
  ['2027-01-31T12:00:00Z', '2027-01-31T12:00:00.000Z'],
])('%s is %s', (text, at) => {
  expect(new Date(expiryOf(text, NOW)).toISOString()).toBe(at);
});

test.each(['', '0h', '5', '30 days', '2026-05-31T00:00:00Z', '999999d', 'never'])('%s is refused', (text) => {
  expect(() => expiryOf(text, NOW)).toThrow('no time within ten years');
});
