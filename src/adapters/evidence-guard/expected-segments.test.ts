import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { executableRanges } from './elf-text.ts';
import { expectedSegments } from './expected-segments.ts';

const isLinux = process.platform === 'linux';
const folder = mkdtempSync(join(tmpdir(), 'muster-expected-'));
afterAll(() => rmSync(folder, { recursive: true }));

it.runIf(isLinux)('a file is read again once it has been changed', async () => {
  const program = join(folder, 'true');
  copyFileSync(realpathSync('/bin/true'), program);
  const before = await expectedSegments(program, []);
  expect(before.length).toBeGreaterThan(0);
  expect(await expectedSegments(program, [])).toEqual(before);

  const bytes = readFileSync(program);
  const at = executableRanges(program)[0]?.offset ?? 0;
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(program, bytes);
  const after = await expectedSegments(program, []);
  expect(after.map(({ sizeBytes }) => sizeBytes)).toEqual(before.map(({ sizeBytes }) => sizeBytes));
  expect(after[0]?.sha256).not.toBe(before[0]?.sha256);
});

it.runIf(isLinux)('a program and a library of the same file keep their names', async () => {
  const program = join(folder, 'both');
  copyFileSync(realpathSync('/bin/true'), program);
  const names = (await expectedSegments(program, [program])).map(({ file }) => file);
  expect(new Set(names)).toEqual(new Set(['exe', program]));
});
