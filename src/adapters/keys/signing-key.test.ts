import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hex } from '../../protocol/ledger.ts';
import { newSigningKey, verifySignature } from './signing-key.ts';

const said = new TextEncoder().encode('one thing');

describe('an ed25519 key', () => {
  it('is told by its signature, and by no other', () => {
    const [key, other] = [newSigningKey(), newSigningKey()];
    const signature = key.sign(said);
    expect(verifySignature(key.publicKey, said, signature)).toBe(true);
    expect(verifySignature(other.publicKey, said, signature)).toBe(false);
    expect(verifySignature(key.publicKey, said, other.sign(said))).toBe(false);
  });

  it('one flipped bit anywhere makes the signature none', () => {
    const key = newSigningKey();
    const signature = key.sign(said);
    const bit = (bytes: Uint8Array, at: number) =>
      bytes.map((byte, i) => (i === at >> 3 ? byte ^ (1 << (at & 7)) : byte));
    fc.assert(
      fc.property(fc.nat(8 * 64 - 1), fc.nat(8 * said.length - 1), (inSignature, inText) => {
        expect(verifySignature(key.publicKey, said, bit(signature, inSignature))).toBe(false);
        expect(verifySignature(key.publicKey, bit(said, inText), signature)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('verifies what RFC 8032 gives as an example (7.1, test 2)', () => {
    const publicKey = '0x3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
    const signature = Buffer.from(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      'hex',
    );
    expect(verifySignature(publicKey, Uint8Array.of(0x72), new Uint8Array(signature))).toBe(true);
    expect(verifySignature(publicKey, Uint8Array.of(0x73), new Uint8Array(signature))).toBe(false);
  });

  it('keys and signatures that are none are refused, not thrown at', () => {
    const key = newSigningKey();
    const signature = key.sign(said);
    for (const none of ['0x', '0x00', `0x${'zz'.repeat(32)}`, `${key.publicKey}00`] as Hex[])
      expect(verifySignature(none, said, signature)).toBe(false);
    for (const length of [0, 63, 65]) {
      expect(verifySignature(key.publicKey, said, new Uint8Array(length))).toBe(false);
    }
  });

  it('nobody signs under a key of small order, which needs no private half', () => {
    // R = the base point, S = 1: holds under a key of order n for one text in n.
    const base = `58${'66'.repeat(31)}`;
    const forged = new Uint8Array(Buffer.from(`${base}01${'00'.repeat(31)}`, 'hex'));
    const ys = [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
      'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
      `ec${'ff'.repeat(30)}7f`,
      `ed${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}7f`,
    ];
    const signed = (y: string) => y.slice(0, -2) + (Number.parseInt(y.slice(-2), 16) | 0x80).toString(16);
    for (const y of [...ys, ...ys.map(signed)]) {
      for (let i = 0; i < 64; i++) {
        const text = new Uint8Array(createHash('sha256').update(String(i)).digest());
        expect(verifySignature(`0x${y}`, text, forged)).toBe(false);
      }
    }
  });
});
