import type { Hex } from '../../protocol/ledger.ts';

/** Bytes, or a list of such. */
export type RlpItem = Hex | readonly RlpItem[];

/** Recursive length prefix (Ethereum Yellow Paper, appendix B). Throws a RangeError for half bytes. */
export function toRlp(item: RlpItem): Hex {
  return `0x${encoded(item)}`;
}

function encoded(item: RlpItem): string {
  if (typeof item !== 'string') {
    const all = item.map(encoded).join('');
    return `${prefix(0xc0, all.length / 2)}${all}`;
  }
  const digits = item.slice(2);
  if (digits.length % 2 === 1) throw new RangeError(`${item} is half a byte too short`);
  const single = digits.length === 2 && Number.parseInt(digits, 16) < 0x80;
  return single ? digits : `${prefix(0x80, digits.length / 2)}${digits}`;
}

function prefix(base: number, length: number): string {
  if (length < 56) return byte(base + length);
  const size = length.toString(16);
  const bytes = size.length % 2 === 0 ? size : `0${size}`;
  return `${byte(base + 55 + bytes.length / 2)}${bytes}`;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}
