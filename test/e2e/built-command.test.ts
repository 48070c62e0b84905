import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { builtCommand } from '../../bin/built-command.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE = 'export const main = () => 1;';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'muster-built-'));
  mkdirSync(join(root, 'src/cli'), { recursive: true });
  mkdirSync(join(root, 'build/command'), { recursive: true });
  writeFileSync(join(root, 'src/cli/main.ts'), SOURCE);
  const sha256 = createHash('sha256').update(SOURCE).digest('hex');
  const inputs = [{ file: 'src/cli/main.ts', ctimeMs: 0, size: SOURCE.length, sha256 }];
  writeFileSync(join(root, 'build/command/made-of.json'), JSON.stringify({ main: '1/main.mjs', inputs }));
});
afterEach(() => rmSync(root, { recursive: true }));

test('what was built is taken while its sources are the same, also after they were checked out again', () => {
  utimesSync(join(root, 'src/cli/main.ts'), 1, 1);
  expect(builtCommand(root)).toBe(join(root, 'build/command/1/main.mjs'));
});

test('it is not taken once a source has changed, even at the same length, or is gone', () => {
  writeFileSync(join(root, 'src/cli/main.ts'), SOURCE.replace('1', '2'));
  expect(builtCommand(root)).toBeUndefined();
  rmSync(join(root, 'src/cli/main.ts'));
  expect(builtCommand(root)).toBeUndefined();
});

test('nothing that was built, or half of it, is no trouble', () => {
  writeFileSync(join(root, 'build/command/made-of.json'), '{');
  expect(builtCommand(root)).toBeUndefined();
  rmSync(join(root, 'build'), { recursive: true });
  expect(builtCommand(root)).toBeUndefined();
});

test('a checkout in which nothing is built runs from its sources', () => {
  for (const each of ['bin', 'src', 'package.json'])
    cpSync(join(ROOT, each), join(root, each), { recursive: true });
  rmSync(join(root, 'build'), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  const { stdout, stderr } = spawnSync(join(root, 'bin/muster'), ['--version'], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
