import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** Which way a nonce travels: a stamp of one way is none of the other. */
export type Way = 'request' | 'reply';

/** Who has stamped, and with what. */
export interface StampKey {
  readonly name: string;
  readonly key: Uint8Array;
}

const NAME = /^[a-z0-9-]{1,40}$/;
const MAX_STAMPS = 32;

export const NonceSchema = z.string().regex(/^[0-9a-f]{32}$/, '32 hexadecimal digits');
/** `name:hmac` of each, in the order in which they stamped, with commas between. */
export const StampsSchema = z
  .string()
  .max(8192)
  .transform((text) => (text === '' ? [] : text.split(',')))
  .pipe(z.array(z.string().regex(/^[a-z0-9-]{1,40}:[0-9a-f]{64}$/)).max(MAX_STAMPS));

/** `name=key` with a key of 32 bytes in hexadecimal digits. */
export const StampKeySchema = z
  .string()
  .regex(/^[a-z0-9-]{1,40}=[0-9a-f]{64}$/, 'a name and a key, like fw=<64 hexadecimal digits>')
  .transform((text): StampKey => {
    const [name = '', key = ''] = text.split('=');
    return { name, key: Buffer.from(key, 'hex') };
  });

export const freshNonce = (): string => randomBytes(16).toString('hex');

/**
 * Adds a stamp: an HMAC-SHA256 over the way, the nonce, and every stamp that is there already. So the last one vouches for the order of all,
 * and nobody can add, take away or exchange one of before without being one that has the keys.
 */
export function stamp(
  { name, key }: StampKey,
  way: Way,
  nonce: string,
  stamps: readonly string[],
): readonly string[] {
  if (!NAME.test(name)) throw new Error(`a stamp cannot be called ${name}`);
  return [...stamps, `${name}:${macOf(key, way, nonce, [...stamps, name])}`];
}

/** Whether exactly these have stamped, in this order, after what `base` says; else what is wrong, in words. */
export function verifyStamps(
  keys: readonly StampKey[],
  way: Way,
  nonce: string,
  stamps: readonly string[],
  base: readonly string[] = [],
): string | undefined {
  for (const [index, { name, key }] of keys.entries()) {
    const given = stamps[index];
    const before = [...base, ...stamps.slice(0, index)];
    if (given === undefined)
      return `${way}: the stamp of ${name} is missing: it was bypassed, or has no such key`;
    const [who = '', mac = ''] = given.split(':');
    if (who !== name) return `${way}: stamp ${index + 1} is by ${who}, not by ${name}`;
    const expected = Buffer.from(macOf(key, way, nonce, [...before, name]), 'hex');
    const actual = Buffer.from(mac, 'hex');
    if (actual.length !== expected.length || !timingSafeEqual(actual, expected))
      return `${way}: the stamp of ${name} is not by its key`;
  }
  return stamps.length === keys.length
    ? undefined
    : `${way}: stamped once more, by ${stamps[keys.length]?.split(':')[0]}`;
}

function macOf(key: Uint8Array, way: Way, nonce: string, parts: readonly string[]): string {
  return createHmac('sha256', key)
    .update([way, nonce, ...parts].join('\n'))
    .digest('hex');
}
