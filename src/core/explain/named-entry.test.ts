import { expect, test } from 'vitest';
import type { JournalEntry } from '../../protocol/journal.ts';
import { journalIndex } from './journal-index.ts';
import { namedEntry } from './named-entry.ts';
import { entriesTold, whyChain } from './why-chain.ts';

const base = { tMs: 0, agent: 'muster', because: [], reason: '' };
const operation = (id: string, operationId: string, more: Partial<JournalEntry> = {}): JournalEntry =>
  ({
    ...base,
    kind: 'operation',
    id,
    operation: operationId,
    change: 'heal',
    service: 'e5b1',
    name: 'shop',
    state: 'PROCESSING',
    step: null,
    units: [],
    ...more,
  }) as JournalEntry;
const auction = (id: string, conversation: string, goal: string): JournalEntry => ({
  ...base,
  kind: 'auction',
  id,
  agent: 'a-site1',
  auction: conversation,
  goal,
  status: 'completed',
  participants: [],
  bids: [],
  winner: 'site2',
  reserve: null,
});
const JOURNAL = [
  auction('a:1', 'a.7/web/vm/0', 'unitHosted(e5b1,web/vm/0)'),
  auction('a:2', 'a.7', 'servicePlaced(e5b1)'),
  operation('muster:1', '11111111-first'),
  operation('muster:2', '22222222-second', { because: ['muster:1', 'a:2'] }),
];

test('operations, services and units are found by what an operator calls them', () => {
  const found = (named: string) => namedEntry(JOURNAL, named);
  expect([found('11111111-first'), found('222222'), found('2222')]).toEqual([
    'muster:1',
    'muster:2',
    undefined,
  ]);
  expect([found('shop'), found('e5b1'), found('other')]).toEqual(['muster:2', 'muster:2', undefined]);
  expect([found('shop/web/vm/0'), found('e5b1/web/vm/0'), found('shop/web/vm/1')]).toEqual([
    'a:1',
    'a:1',
    undefined,
  ]);
});

test('an address is what was done to it last', () => {
  const block = (id: string, source: string, status: 'done' | 'failed'): JournalEntry => ({
    ...{ ...base, id, kind: 'action', action: 'block-source', target: 's4>h1', rule: null, status },
    detail: { source },
  });
  const journal = [block('muster:1', '10.1.0.7', 'done'), block('muster:2', '10.1.0.7', 'failed')];
  expect([namedEntry(journal, '10.1.0.7'), namedEntry(journal, '10.1.0.77')]).toEqual([
    'muster:1',
    undefined,
  ]);
});

test('what was done to a service leads to the auction that placed it, and that to the auctions of its units', () => {
  const told = entriesTold(whyChain(journalIndex(JOURNAL), 'muster:2')).map(({ id }) => id);
  expect(told.toSorted()).toEqual(['a:1', 'a:2', 'muster:1', 'muster:2']);
});
