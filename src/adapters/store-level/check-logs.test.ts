import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { brokenRecord } from './check-logs.ts';
import { openLevelStore } from './level-store.ts';

let directory: string;
let log: Uint8Array;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'muster-log-'));
  const store = await openLevelStore(directory, { format: 1 });
  // The last is in several pieces: larger than a block.
  for (const [n, bytes] of [100, 5000, 20_000, 100, 90_000].entries()) {
    const value = Uint8Array.from({ length: bytes }, (_, index) => (index * 7 + n) % 251);
    await store.update(async () => ({
      changes: [{ kind: 'put', key: `key-${n}`, value }],
      answer: undefined,
    }));
  }
  await store.close();
  const [file = ''] = readdirSync(directory).filter((each) => each.endsWith('.log'));
  log = new Uint8Array(readFileSync(join(directory, file)));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const LAST = 90_000;

test('a log as LevelDB writes it is whole', () => {
  expect(log.length).toBeGreaterThan(110_000);
  expect(brokenRecord(log)).toBeUndefined();
});

test('the last change may be cut short anywhere, or hold whatever a loss of power has left of it', () => {
  for (let cut = 1; cut < LAST; cut += 997)
    expect(brokenRecord(log.slice(0, log.length - cut))).toBeUndefined();
  for (let at = 100; at < LAST - 5000; at += 9973) {
    const holed = log.slice();
    holed.fill(0, log.length - LAST + at, log.length - LAST + at + 4096);
    expect(brokenRecord(holed)).toBeUndefined();
  }
});

test('any byte of an earlier change that is another is found', () => {
  for (let at = 0; at < 25_000; at += 331) {
    const changed = log.slice();
    changed[at] = (changed[at] ?? 0) ^ 0x55;
    expect(brokenRecord(changed)).toBeTypeOf('number');
  }
});
