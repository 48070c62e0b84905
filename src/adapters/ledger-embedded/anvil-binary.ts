import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';

/** Platform packages that carry the binary; elsewhere it has to be on the PATH. */
const PACKAGES: Readonly<Record<string, string>> = { 'linux-x64': '@foundry-rs/anvil-linux-amd64' };

/**
 * Path of the anvil binary: the one that npm brought for this platform, otherwise the one on the PATH.
 * @throws NOT_SUPPORTED when there is neither.
 */
export function findAnvil(env: NodeJS.ProcessEnv = process.env): string {
  const found = [fromPackage(), ...fromPath(env['PATH'] ?? '')].find(executable);
  if (found !== undefined) return found;
  throw new MusterError('NOT_SUPPORTED', 'anvil, the node behind the embedded ledger, is not here', {
    hint: 'npm ci (Linux on x64), put anvil 1.7.1 on the PATH, or give the URL of another chain with --url',
  });
}

function fromPackage(): string {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) return '';
  try {
    return join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin', 'anvil');
  } catch {
    // An optional dependency: it may have been left out.
    return '';
  }
}

function fromPath(path: string): string[] {
  return path
    .split(delimiter)
    .filter((each) => each !== '')
    .map((each) => join(each, 'anvil'));
}

function executable(path: string): boolean {
  if (path === '') return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
