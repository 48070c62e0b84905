import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { programStatement } from '../../adapters/infrastructure-linux/signed-program.ts';
import { signAsOperator } from '../../adapters/keys/operator-signature.ts';
import { MusterError } from '../../protocol/errors.ts';
import { spkiOf } from './operator-key.ts';

/** A program as the configuration of a site names it, signed. */
export interface SignedProgram {
  readonly command: readonly string[];
  /** What the signature covers besides the command. */
  readonly files: readonly string[];
  readonly signature: string;
  readonly operatorKey: string;
}

/** @throws BAD_FILE for a program that is not there, or that others could change. */
export async function signProgram(command: readonly string[], key: KeyObject): Promise<SignedProgram> {
  const statement = await programStatement(command);
  if ('refused' in statement) {
    throw new MusterError('BAD_FILE', `it cannot be signed: ${statement.refused}`, {
      hint: 'the whole path of a program that its owner alone may write: muster image sign -- /usr/local/bin/program',
    });
  }
  return {
    command,
    files: statement.files,
    signature: signAsOperator(statement.bytes, key),
    operatorKey: spkiOf(createPublicKey(key)),
  };
}
