import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { claimUsers } from './claim-users.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'claim-users-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const apart = (a: number, b: number, count: number) => Math.abs(a - b) >= count;

it('gives users between the bounds, and no more than there are', () => {
  for (const count of [1, 8, 50]) {
    const { first, release } = claimUsers(count, directory);
    expect(first).toBeGreaterThanOrEqual(61_000);
    expect(first + count).toBeLessThanOrEqual(65_000);
    release();
  }
  expect(() => claimUsers(4001, directory)).toThrow(RangeError);
});

it('gives no user twice, not even to pipelines without a process yet', () => {
  const claims = [8, 8, 8, 5, 13].map((count) => ({ count, ...claimUsers(count, directory) }));
  for (const a of claims)
    for (const b of claims)
      if (a !== b) expect(a.first + a.count <= b.first || b.first + b.count <= a.first).toBe(true);
  for (const { release } of claims) release();
  expect(readdirSync(directory)).toEqual([]);
});

it('another process does not get what this one has claimed', async () => {
  const { first, release } = claimUsers(8, directory);
  const program = `import { claimUsers } from ${JSON.stringify(new URL('./claim-users.ts', import.meta.url).pathname)};
    console.log(claimUsers(8, ${JSON.stringify(directory)}).first); process.stdin.resume();`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  try {
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const theirs = Number(String(said));
    expect(apart(theirs, first, 8)).toBe(true);
    expect(readdirSync(directory)).toHaveLength(2);
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  // It has ended without a word: its claim is gone with the next look.
  claimUsers(8, directory).release();
  expect(readdirSync(directory)).toHaveLength(1);
  release();
});

it('takes over what a process has claimed that is not there any more', () => {
  // The same number, another start: not the process that claimed.
  writeFileSync(join(directory, `61000+4000 ${process.pid} 1`), '');
  const { release } = claimUsers(8, directory);
  expect(readdirSync(directory)).toHaveLength(1);
  release();
});

it('refuses to keep claims where others may write', () => {
  chmodSync(directory, 0o777);
  expect(() => claimUsers(8, directory)).toThrow(/somebody else may write there/);
});

it.runIf(process.getuid?.() === 0)('passes over users as whom somebody runs (root)', async () => {
  const { first, release } = claimUsers(8, directory);
  release();
  const child = spawn('sleep', ['30'], { uid: first + 3, gid: first + 3 });
  try {
    await once(child, 'spawn');
    const next = claimUsers(8, directory);
    expect(apart(next.first, first, 8)).toBe(true);
    next.release();
  } finally {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});
