import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../protocol/journal.ts';
import { openRun } from '../open-run.ts';
import { findScenario } from '../scenario/find-scenario.ts';
import type { JournalAbout } from './journal-file.ts';
import { beginJournalFile, JOURNAL_FILES } from './journal-file.ts';
import { MOST_SHELVED, shelveJournal } from './shelve-journal.ts';
import { startTimeOf } from './up-file.ts';

let dir: string;
let home: string;
let runs: string;
let troubles: Error[];
let about: JournalAbout;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'muster-journal-'));
  [home, runs] = [join(dir, 'home'), join(dir, 'runs')];
  troubles = [];
  const scenario = await findScenario('demo');
  about = {
    ...{ format: 1, scenario, plane: 'twin', seed: 1, pid: process.pid },
    ...{ startTime: startTimeOf(process.pid) ?? 0, startedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) },
  };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const begin = (mostEntries = 1000) =>
  beginJournalFile(home, about, mostEntries, (error) => troubles.push(error));
const entry = (number: number, agent = 'a1'): JournalEntry => ({
  ...{ id: `${agent}:${number}`, agent, tMs: number, because: [], reason: `step ${number}` },
  ...{ kind: 'phase', phase: `phase ${number}` },
});
const newest = () => join(home, JOURNAL_FILES.newest);

describe('the journal of what is up, on disk', () => {
  it('is a run afterwards, which can be asked as any other', async () => {
    const file = begin();
    for (const each of [1, 2, 3]) file.append(entry(each));
    file.close();
    const kept = await shelveJournal(home, runs);
    expect(kept).toBe(join(runs, 'up-20260102-030405'));
    const run = await openRun(kept ?? '');
    expect(run.journal).toEqual([1, 2, 3].map((each) => entry(each)));
    expect([run.scenario.name, run.scenario.attacks, run.report.expectations]).toEqual(['demo', [], []]);
    expect(readdirSync(home)).toEqual([]);
    expect(await shelveJournal(home, runs)).toBeUndefined();
    expect(troubles).toEqual([]);
  });

  it('is whole but for a torn line when its process was killed, and is not taken from one that goes on', async () => {
    const file = begin();
    file.append(entry(1));
    file.append(entry(2));
    appendFileSync(newest(), '{"id":"a1:3","agent":"a1"');
    about = { ...about, pid: process.ppid, startTime: startTimeOf(process.ppid) ?? 0 };
    writeFileSync(join(home, JOURNAL_FILES.about), JSON.stringify(about));
    await expect(shelveJournal(home, runs)).rejects.toThrow(/writes its journal/);
    writeFileSync(join(home, JOURNAL_FILES.about), JSON.stringify({ ...about, startTime: 1 }));
    const run = await openRun((await shelveJournal(home, runs)) ?? '');
    expect(run.journal).toEqual([entry(1), entry(2)]);
    file.close();
  });

  it('takes twice as much room as is kept at most, and has the newest', async () => {
    const file = begin(10);
    for (let each = 1; each <= 47; each++) file.append(entry(each));
    file.close();
    const files = [JOURNAL_FILES.older, JOURNAL_FILES.newest].map((name) =>
      readFileSync(join(home, name), 'utf8'),
    );
    expect(files.map((text) => text.split('\n').length - 1)).toEqual([10, 7]);
    const { journal } = await openRun((await shelveJournal(home, runs)) ?? '');
    expect([journal.length, journal[0]?.tMs, journal.at(-1)?.tMs]).toEqual([17, 31, 47]);
  });

  it('is put aside when nobody can read what it is of, and leaves what is up alone when the disk takes nothing', async () => {
    begin().close();
    writeFileSync(join(home, JOURNAL_FILES.about), '{}');
    writeFileSync(newest(), 'something\n');
    expect(await shelveJournal(home, runs)).toBeUndefined();
    expect(readFileSync(`${newest()}.unreadable`, 'utf8')).toBe('something\n');
    expect(existsSync(runs)).toBe(false);
    writeFileSync(join(dir, 'file'), '');
    home = join(dir, 'file');
    const file = begin();
    file.append(entry(1));
    file.close();
    expect(troubles.length).toBe(1);
  });

  it('so many are kept, of two that began in the same second both, and no other run is touched', async () => {
    mkdirSync(join(runs, 'up-to-something'), { recursive: true });
    for (let turn = 0; turn < MOST_SHELVED + 2; turn++) {
      about = { ...about, startedAtMs: about.startedAtMs + (turn === 1 ? 0 : 1000) };
      const file = begin();
      file.append(entry(turn));
      file.close();
      await shelveJournal(home, runs);
    }
    const kept = readdirSync(runs).sort();
    expect(kept.length).toBe(MOST_SHELVED + 1);
    expect(kept).toContain('up-to-something');
    expect(kept).not.toContain('up-20260102-030406');
  });
});
