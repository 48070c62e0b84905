import { createHmac } from 'node:crypto';
import { keccak256, stringToBytes } from 'viem';
import type { Hashing } from '../../core/attestation/abi-words.ts';
import type { AgentKey, Hex } from '../../protocol/ledger.ts';

export const hashing: Hashing = {
  keccak256: (data) => keccak256(data),
  hmacSha256: (key, data) => `0x${createHmac('sha256', bytes(key)).update(bytes(data)).digest('hex')}`,
};

/** What the ledger calls an agent of that name. */
export function agentKeyOf(name: string): AgentKey {
  return keccak256(stringToBytes(name));
}

function bytes(data: Hex): Buffer {
  return Buffer.from(data.slice(2), 'hex');
}
