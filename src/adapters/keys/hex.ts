import type { Hex } from '../../protocol/ledger.ts';

export function toHex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

/** Undefined: not hexadecimal of that length. */
export function fromHex(text: string, length: number): Uint8Array | undefined {
  if (!/^0x[0-9a-f]*$/i.test(text) || text.length !== 2 + 2 * length) return undefined;
  return new Uint8Array(Buffer.from(text.slice(2), 'hex'));
}
