import { describe, expect, test } from 'vitest';
import {
  fitOf,
  searchJournal,
  soughtIn,
  type Wanted,
} from '../../console/src/views/journal/search-journal.ts';
import { GrowingIndex } from '../../src/core/explain/journal-index.ts';
import { type JournalEntry, JournalEntrySchema } from '../../src/protocol/journal.ts';

let made = 0;
const phase = (text: string): JournalEntry =>
  JournalEntrySchema.parse({
    ...{ id: `muster:${++made}`, tMs: made, agent: 'muster', because: [], reason: '' },
    ...{ kind: 'phase', phase: text },
  });

const blocked = (source: string): JournalEntry =>
  JournalEntrySchema.parse({
    ...{ id: `muster:${++made}`, tMs: made, agent: 'muster', because: [], reason: '', kind: 'action' },
    ...{ action: 'block-source', target: source, rule: null, status: 'done', detail: { source } },
  });

function found(entries: readonly JournalEntry[], wanted: Partial<Wanted>): readonly string[] {
  const index = new GrowingIndex();
  for (const entry of entries) index.add(entry);
  const journal = { index, ofKind: () => [], ofAgent: () => [] };
  return searchJournal(journal, entries.length, { text: '', kind: '', agent: '', ...wanted }).map((entry) =>
    entry.kind === 'phase' ? entry.phase : entry.kind === 'action' ? entry.target : '',
  );
}

test('a question is what it asks about', () => {
  for (const [typed, sought] of [
    ['why 10.1.0.7?', '10.1.0.7'],
    ['  Why  "a3" ?', 'a3'],
    ['why “watched video”?', 'watched video'],
    ["'shop?'", 'shop'],
    ['10.1.0.7', '10.1.0.7'],
    ['whyte', 'whyte'],
    ['why-not', 'why-not'],
    ['why?', ''],
  ])
    expect([typed, soughtIn(typed ?? '')]).toEqual([typed, sought]);
});

describe('what is looked for', () => {
  test('is found as a name of its own, not as the beginning of another', () => {
    expect(fitOf('from 10.1.0.14.', '10.1.0.14')).toBe('whole');
    expect(fitOf('10.1.0.14:80 and more', '10.1.0.14')).toBe('whole');
    expect(fitOf('10.1.0.144', '10.1.0.14')).toBeUndefined();
    expect(fitOf('110.1.0.14', '10.1.0.14')).toBeUndefined();
    expect(fitOf('10.1.0.144, then 10.1.0.14', '10.1.0.14')).toBe('whole');
    expect(fitOf('a30', 'a3')).toBe('part');
    expect(fitOf('shop-2 of shop', 'shop')).toBe('whole');
    expect(fitOf('shop-2', 'shop')).toBe('part');
    expect(fitOf('unithosted(shop/web)', 'shop')).toBe('whole');
    expect(fitOf('a3:55', 'a3')).toBe('whole');
  });

  test('comes before what is merely called alike, and actions before the rest', () => {
    const entries = [blocked('10.1.0.144'), blocked('10.1.0.14'), phase('10.1.0.14 is heard of')];
    expect(found(entries, { text: 'why 10.1.0.14?' })).toEqual(['10.1.0.14', '10.1.0.14 is heard of']);
    const agents = [phase('a3 is attested'), phase('a30 is attested'), phase('a4')];
    expect(found(agents, { text: 'why A3' })).toEqual(['a3 is attested', 'a30 is attested']);
  });
});
