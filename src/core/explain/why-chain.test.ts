import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../protocol/journal.ts';
import { buildReport } from '../../runtime/report/build-report.ts';
import { attackRecording } from '../../runtime/report/testing/attack-recording.ts';
import { JournalWriter } from '../../runtime/report/testing/journal-writer.ts';
import { journalIndex } from './journal-index.ts';
import { renderWhy } from './render-why.ts';
import { entriesTold, type WhyNode, whyChain } from './why-chain.ts';

const recording = attackRecording();
const index = journalIndex(recording.journal);
const block = buildReport(recording).actions.findLast(({ kind }) => kind === 'block-source')?.id ?? '';

function leaves(node: WhyNode): readonly WhyNode[] {
  return node.causes.length === 0 ? [node] : node.causes.flatMap(leaves);
}

describe('whyChain', () => {
  it('goes from a block back to the first measurement, through the auctions with their losing bids', () => {
    const tree = whyChain(index, block);
    const told = entriesTold(tree);
    expect(told[0]?.id).toBe(block);
    const goals = told.flatMap((entry) => (entry.kind === 'auction' ? [entry.goal] : []));
    expect(goals).toContain('blocksCarriedOut(10.0.4.1)');
    expect(goals).toContain('anomalousUsage(s4>h1)');
    const measured = told.flatMap((entry) => (entry.kind === 'measurement' ? [entry.subject] : []));
    expect(measured).toEqual(['sources 10.0.4.1', 'destinations s4>h1', 'link-load s4>h1']);
    expect(renderWhy(tree).join('\n')).toContain(
      '· a6 lost at 0.442 (limiting 0.09 + utility 0.352): dearer than the winner',
    );
  });

  it('ends in measurements, goals or openings alone: nothing between them is left without its reason', () => {
    for (const leaf of leaves(whyChain(index, block))) {
      expect(leaf.again || leaf.entry.kind === 'measurement').toBe(true);
    }
  });

  it('finds the award of an action, its auction and the winning bid though nobody drew the edges', () => {
    const writer = new JournalWriter();
    const goal = 'linkRateLimited(s1>h1)';
    const parts = [{ name: 'cost', value: 0.3 }];
    const bids = [{ bidder: 'b', outcome: 'won' as const, price: 0.3, parts, reason: '' }];
    const auction = { kind: 'auction' as const, auction: 'c', goal, participants: ['b'], reserve: null };
    writer.write(1, 'a', { ...auction, status: 'opened', bids: [], winner: null });
    writer.write(2, 'b', { kind: 'bid', auction: 'c', goal, verdict: 'propose', price: 0.3, parts });
    writer.write(3, 'a', { ...auction, status: 'awarded', bids, winner: 'b' });
    writer.write(4, 'b', { kind: 'award', award: 'c', goal, status: 'accepted', holder: 'b' });
    const on = {
      kind: 'action' as const,
      action: 'limit-link',
      target: 's1>h1',
      rule: 'r',
      detail: { award: 'c' },
    };
    writer.write(5, 'b', { ...on, status: 'requested' });
    const done = writer.write(6, 'b', { ...on, status: 'done' });
    const told = entriesTold(whyChain(journalIndex(writer.entries), done)).map(
      ({ kind, id }) => `${kind} ${id}`,
    );
    expect(told).toEqual(['action b:4', 'award b:2', 'auction a:2', 'bid b:1', 'auction a:1']);
  });

  it('finds the message that was received among those that were sent', () => {
    const writer = new JournalWriter();
    const message = { kind: 'message' as const, performative: 'request', conversation: 'c', content: null };
    writer.write(1, 'a', { ...message, direction: 'sent', peer: 'x' });
    writer.write(1, 'a', { ...message, direction: 'sent', peer: 'b' });
    const got = writer.write(2, 'b', { ...message, direction: 'received', peer: 'a' });
    const [cause] = whyChain(journalIndex(writer.entries), got).causes;
    expect(cause?.entry).toMatchObject({ agent: 'a', direction: 'sent' });
  });

  it('stops at the depth asked for and says how much is behind it', () => {
    const tree = whyChain(index, block, { depth: 1 });
    expect(tree.causes.length).toBeGreaterThan(0);
    for (const cause of tree.causes) {
      expect(cause.causes).toEqual([]);
      expect(cause.deeper).toBeGreaterThan(0);
    }
    expect(renderWhy(tree).join('\n')).toMatch(/… \d more behind it: bin\/muster why/);
  });

  it('tells each entry once and comes to an end, whatever the edges, circles and missing ids included', () => {
    const edges = fc.array(fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 4 }), {
      minLength: 1,
      maxLength: 25,
    });
    fc.assert(
      fc.property(edges, (drawn) => {
        const entries: JournalEntry[] = drawn.map((because, at) => ({
          kind: 'phase',
          phase: 'p',
          id: `a:${at + 1}`,
          tMs: at,
          agent: 'a',
          reason: '',
          because: because.map((n) => `a:${n}`),
        }));
        const ids = entriesTold(whyChain(journalIndex(entries), 'a:1', { depth: 100 })).map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        const reachable = new Set(['a:1']);
        for (const id of reachable) {
          const because = entries.find((entry) => entry.id === id)?.because ?? [];
          for (const cause of because) if (entries.some((entry) => entry.id === cause)) reachable.add(cause);
        }
        expect(new Set(ids)).toEqual(reachable);
      }),
    );
  });
});

describe('what whyChain tells', () => {
  const kinds = (options: { readonly full?: boolean }) =>
    entriesTold(whyChain(index, block, options)).map((entry) =>
      entry.kind === 'message' ? `${entry.direction} ${entry.performative}` : entry.kind,
    );

  it('leaves out what only carries a reason on, unless all is asked for', () => {
    expect(kinds({})).toContain('sent request');
    expect(kinds({})).not.toContain('received request');
    expect(kinds({})).not.toContain('intention');
    expect(kinds({ full: true })).toContain('received request');
    expect(kinds({ full: true })).toContain('intention');
  });

  it('comes to the same measurements either way', () => {
    const measured = (full: boolean) =>
      entriesTold(whyChain(index, block, { full }))
        .filter(({ kind }) => kind === 'measurement')
        .map(({ id }) => id);
    expect(measured(false)).toEqual(measured(true));
  });

  it('keeps what carries a reason on when there is nothing behind it', () => {
    const writer = new JournalWriter();
    const step = { kind: 'intention', intention: 'i', plan: 'p', step: 's', status: 'step' } as const;
    const one = writer.write(1, 'a', step);
    const two = writer.write(2, 'a', { kind: 'phase', phase: 'x' }, '', [one]);
    expect(entriesTold(whyChain(journalIndex(writer.entries), two)).map(({ id }) => id)).toEqual([two, one]);
  });
});

describe('renderWhy', () => {
  it('goes straight down while there is one reason, and sets in where reasons part', () => {
    const writer = new JournalWriter();
    const belief = { kind: 'belief', belief: 'b', truth: 'true', was: 'true', source: '' } as const;
    const ground = writer.write(1, 'a', belief);
    const left = writer.write(2, 'a', belief, 'left', [ground]);
    const right = writer.write(3, 'a', belief, 'right', [ground]);
    const both = writer.write(4, 'a', belief, 'both', [left, right]);
    const top = writer.write(5, 'a', belief, 'top', [both]);
    expect(renderWhy(whyChain(journalIndex(writer.entries), top))).toEqual([
      '[a:5] 0.005 s  a believes b — top.',
      'because [a:4] 0.004 s  a believes b — both.',
      '- because [a:2] 0.002 s  a believes b — left.',
      '  because [a:1] 0.001 s  a believes b.',
      '- because [a:3] 0.003 s  a believes b — right.',
      '  also because of [a:1], told elsewhere here',
    ]);
  });

  it('tells of a reading of many addresses what it says of the one that the action is about', () => {
    const writer = new JournalWriter();
    const row = (source: string, syns: number) => ({ source, syns, confirmed: 0 });
    const entries = [row('10.0.0.1', 900), row('10.0.0.2', 700), row('10.0.0.3', 5)];
    const values = { value: { kind: 'sources', entries, truncated: false } };
    const seen = writer.write(1000, 'a1', { kind: 'measurement', subject: 'sources(10.0.9.1)', values });
    const detail = { source: '10.0.0.3', ttlMs: 1000 };
    const done = writer.write(
      1001,
      'a1',
      { kind: 'action', action: 'block-source', target: '10.0.0.3', rule: 'r', status: 'done', detail },
      '',
      [seen],
    );
    const made = journalIndex(writer.entries);
    expect(renderWhy(whyChain(made, done))).toEqual([
      '[a1:2] 1.001 s  a1 blocked source 10.0.0.3 for 1.00 s.',
      'because [a1:1] 1.000 s  a1 measured sources(10.0.9.1): 3 addresses, of which 10.0.0.3 has syns 5, confirmed 0.',
    ]);
    expect(renderWhy(whyChain(made, seen))).toEqual([
      '[a1:1] 1.000 s  a1 measured sources(10.0.9.1): 3 addresses, of which 10.0.0.1 has syns 900, confirmed 0; 10.0.0.2 has syns 700, confirmed 0.',
    ]);
  });

  it('does not let a name steer the terminal', () => {
    const writer = new JournalWriter();
    const id = writer.write(1, 'a\u001b[31m', { kind: 'phase', phase: '\u0007\u202e' });
    expect(renderWhy(whyChain(journalIndex(writer.entries), id)).join('')).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});
