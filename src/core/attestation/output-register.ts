import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';

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

/** `output`: the hash of one command or message; `sha256`: of a text. */
export function extend(
  { outputs, digest }: OutputRegister,
  output: Hex,
  sha256: (text: string) => Hex,
): OutputRegister {
  return { outputs: outputs + 1, digest: sha256(`${digest} ${output}`) };
}

export function isSameRegister(a: OutputRegister, b: OutputRegister): boolean {
  return a.outputs === b.outputs && a.digest === b.digest;
}
