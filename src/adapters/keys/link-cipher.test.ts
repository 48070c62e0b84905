import { describe, expect, it } from 'vitest';
import { linkCipher, newAgreement } from './link-cipher.ts';

const text = (said: string): Uint8Array => new TextEncoder().encode(said);

function pair() {
  const [a, b] = [newAgreement(), newAgreement()];
  const shared = a.agree(b.publicKey) ?? new Uint8Array();
  expect(b.agree(a.publicKey)).toEqual(shared);
  return [linkCipher(shared, text('a'), text('b')), linkCipher(shared, text('b'), text('a'))] as const;
}

describe('an X25519 key of one connection', () => {
  it('agrees with nobody on a key under which everyone would agree on the same, nor on what is no key', () => {
    const own = newAgreement();
    expect(own.agree(new Uint8Array(32))).toBeUndefined();
    expect(own.agree(Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 1 : 0)))).toBeUndefined();
    expect(own.agree(new Uint8Array(31))).toBeUndefined();
  });

  it('is another for each connection', () => {
    expect(newAgreement().publicKey).not.toEqual(newAgreement().publicKey);
  });
});

describe('what goes over a link', () => {
  it('opens at the other end, both ways, in its order', () => {
    const [a, b] = pair();
    const sealed = ['one', 'two', 'three'].map((each) => a.seal(text(each)));
    expect(sealed.map((each) => b.open(each))).toEqual(['one', 'two', 'three'].map(text));
    expect(a.open(b.seal(text('back')))).toEqual(text('back'));
  });

  it('does not open twice, out of its order, changed, cut short, or sent back to where it came from', () => {
    const [a, b] = pair();
    const [one, two] = [a.seal(text('one')), a.seal(text('two'))];
    expect(b.open(two)).toBeUndefined();
    for (let at = 0; at < one.length; at++) {
      expect(b.open(one.map((byte, i) => (i === at ? byte ^ 1 : byte)))).toBeUndefined();
    }
    expect(b.open(one.subarray(0, 15))).toBeUndefined();
    expect(a.open(one)).toBeUndefined();
    expect(b.open(one)).toEqual(text('one'));
    expect(b.open(one)).toBeUndefined();
    expect(b.open(two)).toEqual(text('two'));
  });
});
