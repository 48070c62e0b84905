import { decode, encode } from 'cborg';

/** Deepest nesting that is taken: the messages that Muster knows need less, and walking one must not exhaust the stack. */
const MOST_DEEP = 64;

const STRICT = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowNaN: false,
  allowInfinity: false,
  // A bigint is no JSON: whoever passed it on would fall over it.
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
} as const;

/** Deterministic CBOR (RFC 8949, 4.2): the same value gives the same bytes everywhere. A key without a value is left out. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value, { ignoreUndefinedProperties: true });
}

/**
 * Reads deterministic CBOR that came from outside. Undefined: too long, nested too deeply, malformed, with a key twice, or not in the one form
 * that `encodeCbor` gives, so that nothing can be said in two ways.
 */
export function decodeCbor(bytes: Uint8Array, maxBytes: number): unknown {
  if (bytes.length === 0 || bytes.length > maxBytes) return undefined;
  try {
    const value: unknown = decode(bytes, STRICT);
    return isWithin(value, MOST_DEEP) && equal(encode(value), bytes) ? value : undefined;
  } catch {
    return undefined;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

function isWithin(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return true;
  return depth > 0 && Object.values(value).every((each) => isWithin(each, depth - 1));
}
