import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { installProgram } from './install-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-programs-'));
const programs = join(folder, 'programs');
afterAll(() => rmSync(folder, { recursive: true }));

it('keeps a program where its agent can run it and nobody else can change it', () => {
  const path = installProgram(Buffer.from('program'), programs);
  expect(statSync(path).mode & 0o777).toBe(0o511);
  expect(statSync(programs).mode & 0o777).toBe(0o711);
  expect(installProgram(Buffer.from('program'), programs)).toBe(path);
});

it('puts back what was changed', () => {
  const path = installProgram(Buffer.from('program'), programs);
  chmodSync(path, 0o700);
  writeFileSync(path, 'changed');
  expect(readFileSync(installProgram(Buffer.from('program'), programs), 'utf8')).toBe('program');
});

it('refuses a directory that others can write to', () => {
  chmodSync(programs, 0o777);
  expect(() => installProgram(Buffer.from('program'), programs)).toThrow(/written to by others/);
});
