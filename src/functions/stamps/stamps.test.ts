import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StampKey } from './stamps.ts';
import { freshNonce, stamp, verifyStamps } from './stamps.ts';

const keys: readonly StampKey[] = ['fw', 'limiter', 'web'].map((name) => ({ name, key: randomBytes(32) }));
const through = (who: readonly StampKey[], nonce: string) =>
  who.reduce<readonly string[]>((stamps, each) => stamp(each, 'request', nonce, stamps), []);

describe('stamps', () => {
  test('of all in order are accepted, for this nonce and this way alone', () => {
    const nonce = freshNonce();
    const stamps = through(keys, nonce);
    expect(verifyStamps(keys, 'request', nonce, stamps)).toBeUndefined();
    expect(verifyStamps(keys, 'reply', nonce, stamps)).toContain('not by its key');
    expect(verifyStamps(keys, 'request', freshNonce(), stamps)).toContain('not by its key');
  });

  test('whoever is left out, exchanged, repeated or in another place is found', () => {
    const nonce = freshNonce();
    const impostor: StampKey = { name: 'limiter', key: randomBytes(32) };
    const way = fc.array(fc.constantFrom(...keys, impostor), { maxLength: 5 });
    fc.assert(
      fc.property(way, (who) => {
        const right = who.length === keys.length && who.every((each, index) => each === keys[index]);
        expect(verifyStamps(keys, 'request', nonce, through(who, nonce)) === undefined).toBe(right);
      }),
    );
  });

  test('one taken out of the middle spoils those after it', () => {
    const nonce = freshNonce();
    const [first = '', , third = ''] = through(keys, nonce);
    const without = keys.filter(({ name }) => name !== 'limiter');
    expect(verifyStamps(without, 'request', nonce, [first, third])).toContain('not by its key');
  });
});
