import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunOrder } from '../../src/protocol/run-view.ts';
import { RunIdSchema, RunOrderSchema } from '../../src/protocol/run-view.ts';
import { RunShelf } from '../../src/runtime/runs/run-shelf.ts';

const bin = fileURLToPath(new URL('../../bin/muster', import.meta.url));
const order = (more: object = {}): RunOrder => RunOrderSchema.parse({ scenario: 'demo', ...more });

let directory: string;
let shelf: RunShelf;
const shelfOf = () => new RunShelf({ directory, command: [bin], nowMs: () => 7 });
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'muster-runs-'));
  shelf = shelfOf();
});
afterEach(async () => {
  await shelf.close();
  rmSync(directory, { recursive: true, force: true });
});

test('a run is followed while it is on, and read from its record afterwards', async () => {
  const { id } = shelf.start(order());
  expect(() => shelf.start(order({ seed: 2 }))).toThrow('is running, and one run at a time is');
  // What it runs on is known before it has ended.
  expect(await shelf.detail(id)).toMatchObject({ scenario: { name: 'demo' }, report: null });
  const { growing, texts } = await shelf.entries(id);
  const heard: string[] = [];
  growing?.listen((_, text) => heard.push(text));
  await growing?.ended();
  expect(heard.length).toBeGreaterThan(100);
  expect(texts).toEqual(heard);
  const [run] = await shelf.list();
  expect(run).toMatchObject({
    id,
    state: 'done',
    scenario: 'demo',
    plane: 'twin',
    expectations: { met: 9, of: 9 },
  });
  const { report, scenario, traffic } = await shelf.detail(id);
  expect([report?.scenario, scenario?.name, traffic.length > 10]).toEqual(['demo', 'demo', true]);
  // Another process sees the same.
  const recorded = await shelfOf().entries(id);
  expect(recorded.growing).toBeUndefined();
  expect(recorded.texts.toSorted()).toEqual(heard.toSorted());
});

test('a run that is stopped leaves nothing behind, and says so', async () => {
  const { id } = shelf.start(order());
  const { growing } = await shelf.entries(id);
  await new Promise<void>((resolve) => growing?.listen(() => resolve()));
  await shelf.stop(id);
  expect((await shelf.list())[0]).toMatchObject({ id, state: 'stopped', expectations: null });
  expect(readdirSync(directory)).toEqual([]);
  await expect(shelf.stop(id)).rejects.toThrow('there is no run');
});

test('a run that is begun again and stopped leaves the record of the first as it was, and that is shown', async () => {
  const { id } = shelf.start(order());
  await (await shelf.entries(id)).growing?.ended();
  const files = () =>
    readdirSync(join(directory, id)).map((name) => [name, readFileSync(join(directory, id, name), 'utf8')]);
  const [before, { texts }] = [files(), await shelf.entries(id)];
  shelf.start(order());
  const { growing } = await shelf.entries(id);
  await new Promise<void>((resolve) => growing?.listen(() => resolve()));
  await shelf.stop(id);
  expect(files()).toEqual(before);
  expect(await shelf.list()).toMatchObject([
    { id, state: 'done', note: '9 of 9 as expected; begun again since then, and stopped' },
  ]);
  expect(await shelf.entries(id)).toEqual({ life: 'recorded', texts });
  expect((await shelf.detail(id)).report).not.toBeNull();
  // Whoever followed the second is led back to the first.
  expect(await shelf.gaveWay(id)).toBe(true);
});

test('a recorded journal that has been changed is parsed before it is given out', async () => {
  const { id } = shelf.start(order());
  await (await shelf.entries(id)).growing?.ended();
  appendFileSync(join(directory, id, 'journal.jsonl'), '{"kind":"no"}\n');
  await expect(shelf.entries(id)).rejects.toThrow(/journal\.jsonl: line \d+: kind/);
});

test('names that lead elsewhere are names of no run', () => {
  for (const name of ['..', '../x', 'a/b', '', '.hidden', 'x'.repeat(200), 'a\u0000b'])
    expect(RunIdSchema.safeParse(name).success, name).toBe(false);
});
