import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { claimOutDir } from './claim-out-dir.ts';
import { processIdentity } from './process-identity.ts';

const root = mkdtempSync(join(tmpdir(), 'muster-out-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let count = 0;
let dir = '';
beforeEach(() => {
  dir = join(root, `${++count}`, 'deep', 'run');
});

test('levels are made, and those that nothing was put into are removed again', () => {
  const giveUp = claimOutDir(dir);
  expect(existsSync(dir)).toBe(true);
  giveUp();
  expect(existsSync(join(root, `${count}`))).toBe(false);
});

test('what was recorded stays', () => {
  const giveUp = claimOutDir(dir);
  writeFileSync(join(dir, 'report.json'), '{}');
  giveUp();
  expect(readdirSync(dir)).toEqual(['report.json']);
});

test('a directory is claimed once at a time, and a refusal leaves the claim alone', () => {
  const giveUp = claimOutDir(dir);
  for (let times = 0; times < 2; times++) {
    expect(() => claimOutDir(dir)).toThrow(`process ${process.pid} is recording a run into ${dir}`);
  }
  giveUp();
  claimOutDir(dir)();
});

test('the lock of a process that has ended is taken over', async () => {
  const child = spawn('sleep', ['60']);
  try {
    claimOutDir(dir);
    writeFileSync(join(dir, 'muster.lock'), processIdentity(child.pid ?? 0) ?? '');
    expect(() => claimOutDir(dir)).toThrow(`process ${child.pid}`);
  } finally {
    child.kill('SIGKILL');
  }
  await once(child, 'exit');
  const giveUp = claimOutDir(dir);
  expect(readFileSync(join(dir, 'muster.lock'), 'utf8')).toBe(processIdentity(process.pid));
  expect(readdirSync(dir)).toEqual(['muster.lock']);
  giveUp();
});

test('a directory of somebody else is left alone, one that holds an older run or its remains is not', () => {
  const other = mkdtempSync(join(root, 'other-'));
  writeFileSync(join(other, 'letter.txt'), '');
  expect(() => claimOutDir(other)).toThrow('left alone');
  expect(readdirSync(other)).toEqual(['letter.txt']);
  const remains = mkdtempSync(join(root, 'remains-'));
  writeFileSync(join(remains, 'journal.jsonl.part'), '');
  claimOutDir(remains)();
});

describe.runIf(process.platform === 'linux')('where nothing can be written', () => {
  test.each([
    ['/proc/muster-test/run', /cannot write \/proc\/muster-test: its parent takes no directory/],
    ['/dev/null', /cannot write \/dev\/null: it is not a directory/],
    ['/dev/null/run', /cannot write \/dev\/null.*: it is not a directory/],
  ])('%s is refused at once', (path, told) => {
    expect(() => claimOutDir(path)).toThrow(told);
  });
});
