import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { canonicalText } from '../../core/attestation/canonical-text.ts';
import type { ImageTarget } from '../../protocol/site-config.ts';
import { operatorHasSigned } from '../keys/operator-signature.ts';

type Program = Extract<ImageTarget, { readonly program: unknown }>['program'];

/** What an operator signs of a program: its command, and the content of every file that is an argument of it. */
export interface ProgramStatement {
  /** Whole paths, as the command has them. */
  readonly files: readonly string[];
  readonly bytes: Uint8Array;
}

/** Whether a program is the one that its operator has signed. */
export type ProgramTrust =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'signed'; readonly files: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: string };

const SIGN_ANEW = 'muster image sign -- COMMAND signs it anew';

/**
 * Reads the files of a command; answers in words why it cannot be signed. The first line of the bytes keeps the signature from being taken
 * for anything else that the key signs.
 */
export async function programStatement(
  command: readonly string[],
): Promise<ProgramStatement | { readonly refused: string }> {
  const [program = ''] = command;
  if (!isAbsolute(program)) return { refused: `${program} is not named with its whole path` };
  const files: string[] = [];
  const hashes: { readonly path: string; readonly sha256: string }[] = [];
  for (const path of new Set(command.filter((each) => isAbsolute(each)))) {
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() !== true) {
      if (path === program) return { refused: `there is no file ${path}` };
      continue;
    }
    if ((found.mode & 0o022) !== 0) return { refused: `others than its owner may write ${path}` };
    if (resolve(path).startsWith('/tmp/'))
      return { refused: `${path} is below /tmp, of which a unit has its own` };
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    files.push(path);
    hashes.push({ path, sha256: hash.digest('hex') });
  }
  const text = canonicalText({ command, files: hashes });
  return { files, bytes: Buffer.from(`muster-program-v1\n${text}`) };
}

/** @param operatorKey whose signature counts (SPKI, base64), from the configuration of the site. */
export async function trustOfProgram(
  { command, signature }: Program,
  operatorKey: string | undefined,
): Promise<ProgramTrust> {
  if (signature === undefined) return { kind: 'unsigned' };
  const refused = (reason: string) => ({ kind: 'refused', reason }) as const;
  if (operatorKey === undefined) {
    return refused('it is signed, and the configuration of the site has no operatorKey to check that with');
  }
  const statement = await programStatement(command).catch((error: unknown) => ({
    refused: error instanceof Error ? error.message : String(error),
  }));
  if ('refused' in statement) return refused(`its signature cannot be checked: ${statement.refused}`);
  if (operatorHasSigned(statement.bytes, operatorKey, signature))
    return { kind: 'signed', files: statement.files };
  return refused(
    `its program ${command[0]} is not the one that the operator has signed: bring the signed one back, or ${SIGN_ANEW}`,
  );
}

/**
 * Why a unit is not to be started with this image, in words; undefined: it may be. What cloud-init would write over a signed program is no
 * part of what was signed.
 */
export async function distrust(
  image: ImageTarget,
  written: readonly { readonly path: string }[],
  operatorKey: string | undefined,
): Promise<string | undefined> {
  if (!('program' in image)) return undefined;
  const trust = await trustOfProgram(image.program, operatorKey);
  if (trust.kind !== 'signed') return trust.kind === 'refused' ? trust.reason : undefined;
  const real = (path: string) => realpath(path).catch(() => resolve(path));
  const own = new Set(await Promise.all(trust.files.map(real)));
  for (const { path } of written) {
    if (own.has(await real(path))) return `cloud-init: ${path} belongs to a signed program`;
  }
  return undefined;
}
