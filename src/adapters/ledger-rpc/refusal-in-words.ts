import { decodeErrorResult } from 'viem';
import type { Hex } from '../../protocol/ledger.ts';
import { attestationAbi, keyVaultAbi } from '../ledger/abi.ts';
import type { Refusal } from './endpoint.ts';

/** A contract's refusal as words: its reason, or its custom error's name taken apart with its values. */
export function refusalInWords({ message, data }: Refusal): string {
  const bytes = bytesOf(data);
  if (bytes !== undefined && bytes.length >= 10) {
    for (const abi of [attestationAbi, keyVaultAbi]) {
      try {
        const decoded: { errorName: string; args?: readonly unknown[] | undefined } = decodeErrorResult({
          abi,
          data: bytes,
        });
        const { errorName, args } = decoded;
        const values = (args ?? []).map(String);
        if (errorName === 'Error') return values.join(' ');
        return `${inWords(errorName)}${values.length === 0 ? '' : ` (${values.join(', ')})`}`;
      } catch {
        // Not an error of this contract.
      }
    }
  }
  return message;
}

/** Nodes answer the bytes themselves, or an object with them inside. */
function bytesOf(data: unknown): Hex | undefined {
  if (typeof data === 'string' && /^0x[0-9a-fA-F]*$/.test(data)) return `0x${data.slice(2)}`;
  return typeof data === 'object' && data !== null && 'data' in data ? bytesOf(data.data) : undefined;
}

function inWords(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').toLowerCase();
}
