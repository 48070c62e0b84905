import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRun } from '../../src/runtime/open-run.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { readScenario } from '../../src/runtime/scenario/load-scenario.ts';

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'muster-replay-'));
  const text = await readFile(new URL('../../scenarios/demo.yaml', import.meta.url), 'utf8');
  const loaded = readScenario(text, 'demo.yaml');
  if (!loaded.ok) throw new Error('demo.yaml is not valid');
  await runScenario({ scenario: loaded.scenario, plane: 'twin', seed: 3, defence: 'on', outDir: dir });
});

afterAll(async () => {
  await rm(dir, { recursive: true });
});

test('a replay of the recorded inputs gives the recorded trace, byte for byte', async () => {
  const run = await openRun(dir);
  const replay = await run.replay();
  expect(replay.equal).toBe(true);
  expect(replay.entries).toBeGreaterThan(500);
});

test("an agent's mind can be looked into at any time of the run", async () => {
  const run = await openRun(dir);
  const monitor = run.report.agents.find((each) => each.roles.includes('link-monitor'))?.agent ?? '';
  const over = (beliefs: readonly { belief: string; truth: string }[]) =>
    beliefs.find((each) => each.belief.startsWith('overUsage('))?.truth;
  expect(over((await run.mindAt(monitor, 4000)).beliefs)).toBe('false');
  expect(over((await run.mindAt(monitor, 5600)).beliefs)).toBe('true');
});

test('a block is explained from the action back to measurements and through auctions with their losing bids', async () => {
  const { journal, report } = await openRun(dir);
  const byId = new Map(journal.map((entry) => [entry.id, entry]));
  const block = report.actions.find((each) => each.kind === 'block-source');
  const kinds = new Set<string>();
  let losing = 0;
  const queue = [block?.id ?? ''];
  const seen = new Set(queue);
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    const entry = byId.get(id);
    if (entry === undefined) continue;
    kinds.add(entry.kind);
    if (entry.kind === 'auction')
      losing += entry.bids.filter((each) => each.outcome === 'lost' && each.price !== null).length;
    for (const cause of entry.because) {
      if (!seen.has(cause)) queue.push(cause);
      seen.add(cause);
    }
  }
  expect([...kinds]).toEqual(
    expect.arrayContaining(['action', 'plan', 'goal', 'belief', 'measurement', 'auction']),
  );
  expect(losing).toBeGreaterThan(0);
});

describe('a falsified recording', () => {
  async function falsified(file: string, change: (lines: string[]) => string[]): Promise<string> {
    const copy = `${dir}-${file}-${Math.random().toString(36).slice(2)}`;
    await cp(dir, copy, { recursive: true });
    const lines = (await readFile(join(dir, file), 'utf8')).trimEnd().split('\n');
    await writeFile(join(copy, file), `${change(lines).join('\n')}\n`);
    return copy;
  }
  const replayed = async (copy: string) => {
    try {
      await expect(openRun(copy).then((run) => run.mindAt('a1', 0))).rejects.toThrow(/changed|were recorded/);
      return (await (await openRun(copy, { unchecked: true })).replay()).difference;
    } finally {
      await rm(copy, { recursive: true });
    }
  };
  const bid = (lines: readonly string[]) =>
    lines.findIndex((line) => line.includes('"kind":"bid"') && line.includes('"verdict":"propose"'));

  test('names the entry of the journal that was changed, and what in it', async () => {
    let id = '';
    const copy = await falsified('journal.jsonl', (lines) => {
      id = JSON.parse(lines[bid(lines)] ?? '').id;
      return lines.with(bid(lines), (lines[bid(lines)] ?? '').replace(/"price":[^,]+/, '"price":9.5'));
    });
    expect(await replayed(copy)).toMatch(new RegExp(`^entry ${id} differs in price: .*9\\.5`));
  });

  test.each<[string, string, (lines: string[]) => string[], RegExp]>([
    [
      'an entry taken out',
      'journal.jsonl',
      (lines) => lines.toSpliced(bid(lines), 1),
      /where the journal has/,
    ],
    ['an entry put in', 'journal.jsonl', (lines) => [...lines, lines[bid(lines)] ?? ''], /1 entries more/],
    [
      'an entry of the runtime taken out',
      'journal.jsonl',
      (lines) => lines.slice(1),
      /those of the runtime are not/,
    ],
    ['the last input taken out', 'inputs.jsonl', (lines) => lines.slice(0, -1), /were recorded/],
  ])('%s is noticed', async (_, file, change, told) => {
    expect(await replayed(await falsified(file, change))).toMatch(told);
  });
});
