import { describe, expect, it } from 'vitest';
import { attackRecording } from '../../runtime/report/testing/attack-recording.ts';
import { type EntryDraft, JournalWriter } from '../../runtime/report/testing/journal-writer.ts';
import { sentenceOf } from './sentence.ts';

function said(draft: EntryDraft, reason = ''): string {
  const writer = new JournalWriter();
  writer.write(1000, 'a1', draft, reason);
  const [entry] = writer.entries;
  return entry === undefined ? '' : sentenceOf(entry);
}

const action = { kind: 'action', target: 's1>h1', rule: 'r1' } as const;

describe('sentenceOf', () => {
  it('says what was done to the data plane, with rates and times', () => {
    const limit = { ...action, action: 'limit-link', detail: { link: 's1>h1', rateBytesPerSec: 300_000 } };
    expect(said({ ...limit, status: 'done' }, 'overused')).toBe(
      'a1 limited link s1>h1 to 300 KB/s — overused.',
    );
    expect(said({ ...limit, status: 'failed' }, 'no such link.')).toBe(
      'a1 could not limit link s1>h1 to 300 KB/s — no such link.',
    );
    const block = {
      ...action,
      action: 'block-source',
      detail: { source: '10.0.0.9', link: 's1>h1', ttlMs: 60_000 },
    };
    expect(said({ ...block, status: 'requested' })).toBe(
      'a1 asked the data plane to block source 10.0.0.9 on s1>h1 for 60.0 s.',
    );
    expect(said({ ...action, action: 'remove-rule', status: 'done', detail: {} })).toBe('a1 lifted rule r1.');
  });

  it('says what was believed, of three truths', () => {
    const belief = { kind: 'belief', belief: 'overUsage(s1>h1)', source: 'link-load' } as const;
    expect(said({ ...belief, truth: 'true', was: 'unknown', value: { rateBytesPerSec: 612_400 } })).toBe(
      'a1 believes overUsage(s1>h1) (rate bytes per sec 612400), before: unknown, from link-load.',
    );
    expect(said({ ...belief, truth: 'false', was: 'true' })).toBe(
      'a1 believes it is not so: overUsage(s1>h1), before: true, from link-load.',
    );
    expect(said({ ...belief, truth: 'unknown', was: 'unknown' })).toBe(
      'a1 does not know: overUsage(s1>h1), from link-load.',
    );
  });

  it('says how a plan was chosen among its candidates', () => {
    const candidates = [
      { plan: 'p', applicable: true, cost: 0.1, why: '' },
      { plan: 'q', applicable: true, cost: 0.2, why: 'slower' },
      { plan: 'r', applicable: false, cost: null, why: 'no room' },
    ];
    const plan = { kind: 'plan', goalId: 'g1', intention: 'i1', candidates } as const;
    expect(said({ ...plan, candidates, chosen: 'p' })).toBe(
      'a1 chose the plan p at cost 0.1 for goal g1; not chosen: q would cost 0.2, slower; r does not apply, no room.',
    );
    expect(said({ ...plan, candidates: [], chosen: null })).toBe('a1 found no plan for goal g1.');
  });

  it('says who won an auction, at which price, and what the others asked for', () => {
    const bid = (bidder: string, price: number | null, outcome: 'won' | 'lost' | 'refused') => ({
      bidder,
      outcome,
      price,
      parts: [],
      reason: '',
    });
    expect(
      said({
        kind: 'auction',
        auction: 'c',
        goal: 'g',
        status: 'awarded',
        participants: ['b', 'c', 'd'],
        bids: [bid('b', 0.25, 'won'), bid('c', 0.5, 'lost'), bid('d', null, 'refused')],
        winner: 'b',
        reserve: null,
      }),
    ).toBe('a1 awarded g to b at 0.25; the others: c at 0.5 and d (refused).');
  });

  it('has a sentence for every entry of a run: one line, ended, nothing left open', () => {
    const entries = attackRecording().journal;
    for (const entry of entries) {
      const sentence = sentenceOf(entry);
      expect(sentence).toMatch(/^[^\n]{10,}\.$/);
      expect(sentence).not.toMatch(/undefined|NaN|\[object|\.\.$/);
    }
    expect(new Set(entries.map(({ kind }) => kind)).size).toBeGreaterThanOrEqual(11);
  });
});
