import type { Hex } from '../../protocol/ledger.ts';

/** The two hashes that attestation needs; the core has no cryptography of its own. */
export interface Hashing {
  keccak256(data: Hex): Hex;
  hmacSha256(key: Hex, data: Hex): Hex;
}

/** One word of Solidity's ABI encoding: a number, or up to 32 bytes that stand right-aligned (addresses, bytes32). */
export function word(value: number | bigint | Hex): string {
  const digits = typeof value === 'string' ? value.slice(2).toLowerCase() : value.toString(16);
  if (digits.length > 64) throw new RangeError('longer than a word of 32 bytes');
  return digits.padStart(64, '0');
}

/** `abi.encode` of values that all take one word. */
export function encodeWords(...values: readonly (number | bigint | Hex)[]): Hex {
  return `0x${values.map(word).join('')}`;
}

/** `abi.encode` of arrays whose elements all take one word. */
export function encodeArrays(...arrays: readonly (readonly (number | bigint | Hex)[])[]): Hex {
  let offset = arrays.length * 32;
  const heads: string[] = [];
  const tails: string[] = [];
  for (const array of arrays) {
    heads.push(word(offset));
    tails.push(word(array.length), ...array.map(word));
    offset += 32 * (array.length + 1);
  }
  return `0x${[...heads, ...tails].join('')}`;
}

/** Of a tuple: text, or an array whose elements all take one word, or what takes one word itself. */
export type TupleField =
  | { readonly text: string }
  | readonly (number | bigint | Hex)[]
  | number
  | bigint
  | Hex;

/** `abi.encode` of such fields. */
export function encodeTuple(...fields: readonly TupleField[]): Hex {
  let offset = fields.length * 32;
  const heads: string[] = [];
  const tails: string[] = [];
  for (const field of fields) {
    if (typeof field !== 'object') {
      heads.push(word(field));
      continue;
    }
    const tail = 'text' in field ? textWords(field.text) : `${word(field.length)}${field.map(word).join('')}`;
    heads.push(word(offset));
    tails.push(tail);
    offset += tail.length / 2;
  }
  return `0x${[...heads, ...tails].join('')}`;
}

function textWords(text: string): string {
  const digits = Array.from(new TextEncoder().encode(text), (each) =>
    each.toString(16).padStart(2, '0'),
  ).join('');
  return `${word(digits.length / 2)}${digits.padEnd(Math.ceil(digits.length / 64) * 64, '0')}`;
}
