import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isChainAnswer } from './is-chain-answer.ts';
import type { SiteDigest } from './placement.ts';
import { ChainAnswerSchema, SiteDigestSchema } from './placement.ts';

const isDigest = (value: unknown): value is SiteDigest => SiteDigestSchema.safeParse(value).success;

const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,5}$/);
const amount = fc.double({ min: 0, max: 1e12, noNaN: true });
const chain = fc.nat({ max: 31 });
const answer = fc.record(
  {
    round: fc.nat({ max: 100_000 }),
    bids: fc.array(
      fc.record({
        chain,
        host: name,
        price: amount,
        energy: amount,
        parts: fc.array(
          fc.record(
            {
              name: fc.string(),
              value: fc.double({ noNaN: true, noDefaultInfinity: true }),
              detail: fc.string(),
            },
            { requiredKeys: ['name', 'value'] },
          ),
          { maxLength: 8 },
        ),
        routes: fc.array(fc.record({ link: fc.string({ minLength: 1 }), path: fc.array(name) }), {
          maxLength: 4,
        }),
      }),
      { maxLength: 4 },
    ),
    refusals: fc.array(
      fc.record({
        chain,
        reason: fc.string({ maxLength: 300 }),
        lacks: fc.array(
          fc.record({
            what: fc.constantFrom('vcpus', 'memoryMib', 'storageGb', 'bytesPerSec', 'latencyMs', 'path'),
            where: fc.string({ maxLength: 130 }),
            wanted: amount,
            free: amount,
          }),
          { maxLength: 8 },
        ),
      }),
      { maxLength: 4 },
    ),
    digest: fc.record({
      site: name,
      version: fc.nat(),
      hosts: fc.array(fc.tuple(name, amount, amount, amount)),
      links: fc.array(fc.tuple(name, amount)),
    }),
  },
  { requiredKeys: ['round', 'bids', 'refusals'] },
);

/** What somebody might put in a place: just outside of bounds, of another kind, of none. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    '',
    'A',
    '-a',
    'a'.repeat(64),
    'a'.repeat(256),
    'a'.repeat(301),
    'a\n',
  ),
  fc.constantFrom<unknown>(-1, -0, 0.5, 31, 32, 1e12, 1e12 + 1, 1e18, 2e18, 100_001, 2 ** 53, 5e-324),
  fc.constantFrom<unknown>(
    [],
    {},
    [[]],
    [{}],
    Array.from({ length: 33 }, () => null),
    Array.from({ length: 9 }, () => 1),
    'path',
    'cpu',
  ),
);

const same = (value: unknown): void => {
  expect(isChainAnswer(value, isDigest)).toBe(ChainAnswerSchema.safeParse(value).success);
};

/** Every place in plain data: the object or list, and the key in it. */
function places(value: unknown): { readonly at: Record<string, unknown>; readonly key: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  const at = value as Record<string, unknown>;
  return Object.keys(at).flatMap((key) => [{ at, key }, ...places(at[key])]);
}

test('what is an answer is taken, as its schema takes it', () => {
  void fc.assert(
    fc.property(answer, (value) => {
      expect(isChainAnswer(value, isDigest)).toBe(true);
      same(value);
    }),
    { numRuns: 300 },
  );
});

test('what is almost one is refused or taken as its schema does, whatever is changed in it', () => {
  let refused = 0;
  void fc.assert(
    fc.property(
      answer,
      fc.nat(),
      junk,
      fc.constantFrom('put', 'delete', 'add', 'repeat'),
      (value, where, other, how) => {
        const changed: unknown = structuredClone(value);
        const all = places(changed);
        const place = all[where % all.length];
        if (place === undefined) return;
        const { at, key } = place;
        if (how === 'put') at[key] = other;
        else if (how === 'delete') delete at[key];
        else if (how === 'add') at['more'] = other;
        else if (Array.isArray(at[key])) at[key] = Array.from({ length: 40 }, () => at[key]).flat();
        same(changed);
        if (!ChainAnswerSchema.safeParse(changed).success) refused++;
      },
    ),
    { numRuns: 5000 },
  );
  expect(refused).toBeGreaterThan(1000);
});
