import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onEnd } from './clean-up.ts';

export const PRODUCT = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

/** A change of the product's text. `find` must stand there exactly once. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly put: string;
  /** Stands there more than once, and is replaced everywhere. */
  readonly everywhere?: true;
}

/** A directory of our own that is gone when the red team ends. */
export function ownDirectory(name: string): string {
  const dir = mkdtempSync(join(tmpdir(), `redteam-${name}-`));
  onEnd(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A copy of the whole product with some of its text changed; its contracts are compiled anew when they were. Throws where an edit does not fit. */
export function copyOfProduct(name: string, edits: readonly Edit[]): string {
  const dir = ownDirectory(name);
  for (const part of [
    'src',
    'bin',
    'scenarios',
    'scripts',
    'contracts',
    'package.json',
    'package-lock.json',
    'tsconfig.json',
  ])
    cpSync(join(PRODUCT, part), join(dir, part), { recursive: true });
  symlinkSync(join(PRODUCT, 'node_modules'), join(dir, 'node_modules'));
  mkdirSync(join(dir, 'build'));
  cpSync(join(PRODUCT, 'build/contracts'), join(dir, 'build/contracts'), { recursive: true });
  for (const edit of edits) apply(dir, edit);
  if (edits.some(({ file }) => file.startsWith('contracts/'))) compile(dir);
  return dir;
}

function apply(dir: string, { file, find, put, everywhere }: Edit): void {
  const path = join(dir, file);
  const parts = readFileSync(path, 'utf8').split(find);
  if (everywhere === undefined ? parts.length !== 2 : parts.length < 2)
    throw new Error(`${file}: found ${parts.length - 1} times: ${find}`);
  writeFileSync(path, parts.join(put));
}

/** Contracts of a directory into its build/contracts. */
export function compile(dir: string): void {
  execFileSync(process.execPath, ['--import', 'tsx', 'scripts/compile-contracts.ts'], {
    cwd: dir,
    stdio: 'pipe',
  });
}
