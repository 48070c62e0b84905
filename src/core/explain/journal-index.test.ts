import { describe, expect, it } from 'vitest';
import { MusterError } from '../../protocol/errors.ts';
import { attackRecording } from '../../runtime/report/testing/attack-recording.ts';
import { JournalWriter } from '../../runtime/report/testing/journal-writer.ts';
import { auctionRecord, auctionRecords } from './auction-records.ts';
import { actionEntries, entryOf, journalIndex } from './journal-index.ts';

function phases(agent: string, n: number): JournalWriter {
  const writer = new JournalWriter();
  for (let at = 0; at < n; at++) writer.write(at, agent, { kind: 'phase', phase: `p${at}` });
  return writer;
}

function failure(act: () => unknown): MusterError {
  try {
    act();
  } catch (error) {
    if (error instanceof MusterError) return error;
  }
  throw new Error('a MusterError was expected');
}

describe('entryOf', () => {
  const index = journalIndex(phases('a1', 12).entries);

  it('finds an entry by its id, though other ids begin with it', () => {
    expect(entryOf(index, 'a1:1').tMs).toBe(0);
  });

  it('finds an entry by the beginning of its id when there is only one', () => {
    const one = journalIndex([...phases('a1', 3).entries, ...phases('b7', 1).entries]);
    expect(entryOf(one, 'b').id).toBe('b7:1');
  });

  it('names the candidates when a beginning fits several', () => {
    const error = failure(() => entryOf(index, 'a1'));
    expect(error).toMatchObject({ code: 'NOT_FOUND', message: '"a1" could be 12 journal entries' });
    expect(error.hint).toContain('a1:1, a1:2');
    expect(error.hint).toContain('and 4 more');
  });

  it('names the nearest ids when there is none', () => {
    expect(failure(() => entryOf(index, 'a1:19')).hint).toMatch(/^near it: a1:10, a1:11, a1:12, a1:1\b/);
    expect(failure(() => entryOf(journalIndex([]), 'x')).hint).toBe('the journal is empty');
    expect(failure(() => entryOf(index, '')).code).toBe('NOT_FOUND');
  });
});

describe('auctionRecords', () => {
  it('puts each auction together from its entries, bids cheapest first', () => {
    const index = journalIndex(attackRecording().journal);
    const record = auctionRecord(index, 'a1/c2');
    expect(record).toMatchObject({
      auction: 'a1/c2',
      goal: 'linkRateLimited(s4>h1)',
      auctioneer: 'a1',
      status: 'awarded',
      closedMs: null,
      winner: 'a3',
      reserve: 1,
      reason: 'a3 asks for the least',
    });
    expect(record?.bids.map(({ bidder, outcome }) => [bidder, outcome])).toEqual([
      ['a3', 'won'],
      ['a2', 'lost'],
      ['a6', 'lost'],
      ['a4', 'refused'],
      ['a5', 'silent'],
    ]);
    expect(auctionRecords(index).map(({ auction }) => auction)).toEqual([
      'a1/c1',
      'a1/c2',
      'a1/c3',
      'a2/c1',
      'a2/c2',
    ]);
  });

  it('takes the parts of a price from the bidder where the auctioneer does not know them', () => {
    const writer = new JournalWriter();
    const auction = { kind: 'auction', auction: 'c', goal: 'g', participants: ['b'], reserve: null } as const;
    writer.write(1, 'a', { ...auction, participants: ['b'], status: 'opened', bids: [], winner: null });
    const parts = [{ name: 'cost', value: 0.2 }];
    writer.write(
      2,
      'b',
      { kind: 'bid', auction: 'c', goal: 'g', verdict: 'propose', price: 0.2, parts },
      'cheap',
    );
    expect(auctionRecord(journalIndex(writer.entries), 'c')?.bids).toEqual([
      { bidder: 'b', outcome: 'proposed', price: 0.2, parts, reason: 'cheap' },
    ]);
    const bids = [{ bidder: 'b', outcome: 'won' as const, price: 0.2, parts: [], reason: '' }];
    writer.write(3, 'a', { ...auction, participants: ['b'], status: 'completed', bids, winner: 'b' }, 'done');
    expect(auctionRecord(journalIndex(writer.entries), 'c')).toMatchObject({
      status: 'completed',
      closedMs: 3,
      winner: 'b',
      bids: [{ outcome: 'won', parts, reason: 'cheap' }],
    });
  });

  it('tells why an auction failed rather than why it was awarded, and then has no winner', () => {
    const writer = new JournalWriter();
    const shared = {
      kind: 'auction' as const,
      auction: 'c',
      goal: 'g',
      participants: ['b'],
      bids: [],
      reserve: null,
    };
    writer.write(1, 'a', { ...shared, status: 'awarded', winner: 'b' }, 'the only bid');
    writer.write(2, 'a', { ...shared, status: 'failed', winner: null }, 'b stayed silent');
    expect(auctionRecord(journalIndex(writer.entries), 'c')).toMatchObject({
      reason: 'b stayed silent',
      winner: null,
    });
  });
});

describe('actionEntries', () => {
  it('are the actions of the run in the order written', () => {
    const index = journalIndex(attackRecording({ attackers: 2 }).journal);
    const done = actionEntries(index).filter(({ status }) => status === 'done');
    expect(done.map(({ action }) => action)).toEqual([
      'limit-link',
      'limit-target',
      'remove-rule',
      'block-source',
      'block-source',
      'remove-rule',
    ]);
  });
});
