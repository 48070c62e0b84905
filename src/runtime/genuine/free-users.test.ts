import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { freeUsers } from './free-users.ts';

it('gives users between the bounds', () => {
  for (const count of [1, 8, 50]) {
    const first = freeUsers(count);
    expect(first).toBeGreaterThanOrEqual(61_000);
    expect(first + count).toBeLessThanOrEqual(65_000);
  }
  expect(() => freeUsers(4001)).toThrow(RangeError);
});

it.runIf(process.getuid?.() === 0)('passes over users as whom somebody runs (root)', async () => {
  const first = freeUsers(8);
  const child = spawn('sleep', ['30'], { uid: first + 3, gid: first + 3 });
  try {
    await once(child, 'spawn');
    const next = freeUsers(8);
    expect(next + 7 < first + 3 || next > first + 3).toBe(true);
  } finally {
    child.kill('SIGKILL');
  }
});
