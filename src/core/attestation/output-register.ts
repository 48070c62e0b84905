import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { Hashing } from './abi-words.ts';
import { encodeWords } from './abi-words.ts';

/**
 * How much has come out of an agent, and one hash over all of it in its order: extended like a platform configuration register of a
 * TPM, so that two who have seen the same need to compare no more than this.
 */
export interface OutputRegister {
  readonly outputs: number;
  readonly digest: Hex;
}

/** Of an agent of which nothing has come yet. */
export const EMPTY_REGISTER: OutputRegister = { outputs: 0, digest: ZERO };

/** `output`: the hash of one command or message. */
export function extend(
  { outputs, digest }: OutputRegister,
  output: Hex,
  { keccak256 }: Hashing,
): OutputRegister {
  return { outputs: outputs + 1, digest: keccak256(encodeWords(digest, output)) };
}

export function isSameRegister(a: OutputRegister, b: OutputRegister): boolean {
  return a.outputs === b.outputs && a.digest === b.digest;
}
