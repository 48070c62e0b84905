import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './take-lock.ts';

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(dir, 'lock');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Whoever is not called dead lives. */
const lives = (holder: string) => !holder.startsWith('dead');
const take = (mine: string) => takeLock(path, mine, lives);

test.each(['dead 1', ''])(
  'of many that find the lock of `%s` at once one alone takes it over',
  async (before) => {
    for (let round = 0; round < 20; round++) {
      await writeFile(path, before);
      const names = Array.from({ length: 12 }, (_, n) => `alive ${round}-${n}`);
      const all = await Promise.all(names.map(take));
      const winners = names.filter((_, index) => 'release' in (all[index] ?? {}));
      expect(winners).toHaveLength(1);
      expect(await readFile(path, 'utf8')).toBe(winners[0]);
      for (const each of all) if ('release' in each) await each.release();
      expect(await readdir(dir)).toEqual([]);
    }
  },
);

test('of many that find none one takes it, and others are told who', async () => {
  const all = await Promise.all(['a', 'b', 'c', 'd'].map(take));
  const holder = await readFile(path, 'utf8');
  expect(all.filter((each) => 'release' in each)).toHaveLength(1);
  expect(all.filter((each) => 'heldBy' in each && each.heldBy === holder)).toHaveLength(3);
});

test('one that ended while it took a lock over is in nobody’s way', async () => {
  await writeFile(path, 'dead 1');
  await writeFile(`${path}.after-dead-1`, 'dead 2');
  await writeFile(`${path}.dead-2.new`, 'dead 2');
  const taken = await take('alive');
  expect(await readFile(path, 'utf8')).toBe('alive');
  if ('release' in taken) await taken.release();
  expect(await readdir(dir)).toEqual(['lock.dead-2.new']);
});

test('a lock that is held stays as it is', async () => {
  const first = await take('first');
  expect(await take('second')).toEqual({ heldBy: 'first' });
  expect(await readFile(path, 'utf8')).toBe('first');
  if ('release' in first) await first.release();
  expect('release' in (await take('second'))).toBe(true);
});
