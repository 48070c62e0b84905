import { expect, test } from 'vitest';
import type { JournalEntry } from '../../protocol/journal.ts';
import { KeptJournal } from './kept-journal.ts';

const entry = (n: number): JournalEntry => ({
  id: `muster:${n}`,
  agent: 'muster',
  tMs: n,
  because: [],
  kind: 'phase',
  phase: String(n),
  reason: '',
});
const numbers = (journal: KeptJournal, after: number) => journal.after(after).map(({ seq }) => seq);

test('the newest entries are kept, as many as are wanted, and what is gone is told', () => {
  const journal = new KeptJournal({ mostEntries: 3, mostAgeMs: 1000 }, () => 5);
  expect(journal.extent()).toMatchObject({ entries: 0, firstSeq: 1, dropped: 0, sinceMs: null });
  for (let n = 1; n <= 5000; n++) expect(journal.keep(entry(n))).toBe(n);
  expect(numbers(journal, 0)).toEqual([4998, 4999, 5000]);
  expect(numbers(journal, 4998)).toEqual([4999, 5000]);
  expect(numbers(journal, 5000)).toEqual([]);
  expect(numbers(journal, 9999)).toEqual([]);
  expect(journal.after(4999)[0]?.entry).toEqual(entry(5000));
  expect(journal.extent()).toMatchObject({ entries: 3, firstSeq: 4998, dropped: 4997, sinceMs: 5 });
});

test('none is kept for longer than is wanted, also when nothing comes any more', () => {
  let nowMs = 0;
  const journal = new KeptJournal({ mostEntries: 100, mostAgeMs: 1000 }, () => nowMs);
  for (let n = 1; n <= 10; n++) {
    nowMs = n * 100;
    journal.keep(entry(n));
  }
  nowMs = 1500;
  expect(numbers(journal, 0)).toEqual([5, 6, 7, 8, 9, 10]);
  expect(journal.extent()).toMatchObject({ entries: 6, dropped: 4, sinceMs: 500 });
  nowMs = 10_000;
  expect(numbers(journal, 0)).toEqual([]);
  expect(journal.extent()).toMatchObject({ entries: 0, firstSeq: 11, dropped: 10, sinceMs: null });
  expect(journal.keep(entry(11))).toBe(11);
  expect(numbers(journal, 3)).toEqual([11]);
});
