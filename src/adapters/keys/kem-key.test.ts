import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { newKemKey, sealStream, sealTo } from './kem-key.ts';

const text = (said: string): Uint8Array => new TextEncoder().encode(said);
const context = { info: text('muster epoch'), aad: text('chain, epoch, recipient') };
const secret = text('32 bytes that nobody else may know');

describe('HPKE, base mode (RFC 9180)', () => {
  it('opens for the recipient who names what it is bound to', async () => {
    const key = await newKemKey();
    const sealed = await sealTo(key.publicKey, secret, context);
    expect(sealed.length).toBe(32 + secret.length + 16);
    expect(await key.open(sealed, context)).toEqual(secret);
  });

  it('does not open for another recipient, info or associated data', async () => {
    const [key, other] = [await newKemKey(), await newKemKey()];
    const sealed = await sealTo(key.publicKey, secret, context);
    expect(await other.open(sealed, context)).toBeUndefined();
    expect(await key.open(sealed, { ...context, info: text('other') })).toBeUndefined();
    expect(await key.open(sealed, { ...context, aad: text('other') })).toBeUndefined();
    expect(await key.open(sealed, { info: context.aad, aad: context.info })).toBeUndefined();
    expect(await key.open(sealed, context)).toEqual(secret);
  });

  it('does not open with a bit flipped in any byte, nor cut short', async () => {
    const key = await newKemKey();
    const sealed = await sealTo(key.publicKey, secret, context);
    for (let at = 0; at < sealed.length; at++) {
      // X25519 ignores the highest bit of a public key; HPKE puts the key as sent into the schedule, so that one counts too.
      const flipped = sealed.map((byte, i) => (i === at ? byte ^ (at === 31 ? 0x80 : 1) : byte));
      expect(await key.open(flipped, context), `byte ${at}`).toBeUndefined();
    }
    for (const length of [0, 1, 31, 32, 47, sealed.length - 1])
      expect(await key.open(sealed.subarray(0, length), context)).toBeUndefined();
  });

  it('the same text sealed twice looks different', async () => {
    const key = await newKemKey();
    const [one, two] = [
      await sealTo(key.publicKey, secret, context),
      await sealTo(key.publicKey, secret, context),
    ];
    expect(one).not.toEqual(two);
  });

  it('nothing is sealed to a key that is none, or under which everyone would agree on the same secret', async () => {
    for (const key of ['0x', '0x12', `0x${'00'.repeat(32)}`, `0x01${'00'.repeat(31)}`] as Hex[])
      await expect(sealTo(key, secret, context)).rejects.toThrow();
  });
});

describe('a stream', () => {
  const info = text('telemetry');
  const seqs = [0, 1, 2, 3];

  it('opens in its order only, each text once', async () => {
    const key = await newKemKey();
    const stream = await sealStream(key.publicKey, info);
    const sealed: Uint8Array[] = [];
    for (const seq of seqs) sealed.push(await stream.seal(text(`batch ${seq}`), encodeCbor(seq)));
    const [first, second, third] = sealed;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('four were sealed');
    const opener = await key.openStream(stream.encapsulated, info);
    expect(await opener?.open(second, encodeCbor(1))).toBeUndefined();
    expect(await opener?.open(first, encodeCbor(0))).toEqual(text('batch 0'));
    expect(await opener?.open(first, encodeCbor(0))).toBeUndefined();
    expect(await opener?.open(third, encodeCbor(2))).toBeUndefined();
    expect(await opener?.open(second, encodeCbor(2))).toBeUndefined();
    expect(await opener?.open(second, encodeCbor(1))).toEqual(text('batch 1'));
    expect(await opener?.open(third, encodeCbor(2))).toEqual(text('batch 2'));
  });

  it('does not open for another recipient or another use', async () => {
    const [key, other] = [await newKemKey(), await newKemKey()];
    const stream = await sealStream(key.publicKey, info);
    const sealed = await stream.seal(text('batch 0'), encodeCbor(0));
    const foreign = await other.openStream(stream.encapsulated, info);
    expect(await foreign?.open(sealed, encodeCbor(0))).toBeUndefined();
    const misused = await key.openStream(stream.encapsulated, text('something else'));
    expect(await misused?.open(sealed, encodeCbor(0))).toBeUndefined();
  });

  it('what is no encapsulated key begins none', async () => {
    const key = await newKemKey();
    for (const none of [new Uint8Array(0), new Uint8Array(31), new Uint8Array(33), new Uint8Array(32)])
      expect(await key.openStream(none, info)).toBeUndefined();
  });
});
