import { expect, test } from 'vitest';
import { SubstrateSchema } from '../../protocol/substrate.ts';
import { generatedSubstrate } from './generated-substrate.ts';

test('sites of three hosts each are joined in a ring, or each with every other', () => {
  const between = (count: number, shape: 'ring' | 'mesh') =>
    generatedSubstrate(count, shape).links.filter(({ ends }) => ends.every((end) => end.endsWith('switch')));
  expect([1, 2, 3, 4, 8].map((count) => between(count, 'ring').length)).toEqual([0, 1, 3, 4, 8]);
  expect([1, 2, 3, 4, 8].map((count) => between(count, 'mesh').length)).toEqual([0, 1, 3, 6, 28]);
  const substrate = generatedSubstrate(4, 'ring');
  expect(SubstrateSchema.parse(substrate)).toEqual(substrate);
  expect(substrate.hosts).toHaveLength(12);
  expect(new Set(substrate.links.map(({ id }) => id)).size).toBe(substrate.links.length);
  // Every link is in the book of a site at one of its ends.
  for (const { owner, ends } of substrate.links)
    expect(ends.some((end) => end.startsWith(`${owner}-`))).toBe(true);
});
