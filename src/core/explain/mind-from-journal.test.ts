import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../protocol/journal.ts';
import { mindFromJournal } from './mind-from-journal.ts';

let written: JournalEntry[] = [];

type Draft = JournalEntry extends infer Each ? (Each extends unknown ? Omit<Each, Base> : never) : never;
type Base = 'id' | 'agent' | 'tMs' | 'because' | 'reason';

/** One more entry of a1, after those before; answers its id. */
function write(entry: Draft, because: readonly string[] = []): string {
  const id = `a1:${written.length + 1}`;
  const base = { id, agent: 'a1', tMs: written.length, because: [...because], reason: '' };
  written = [...written, { ...base, ...entry }];
  return id;
}

const intentions = () =>
  mindFromJournal(written, 'a1', 1e6)?.intentions.map(({ plan, step, waitsFor }) => [plan, step, waitsFor]);

const chosen = (because: readonly string[] = []) =>
  write({ kind: 'plan', goalId: 'g1', intention: 'i1', chosen: 'limit-link', candidates: [] }, because);
const step = (name: string, status: 'step' | 'done', because: readonly string[]) =>
  write({ kind: 'intention', intention: 'i1', plan: 'limit-link', step: name, status }, because);
const requested = (action: string, because: readonly string[]) =>
  write({ kind: 'action', action, target: 's4', rule: null, status: 'requested', detail: {} }, because);

describe('the mind that a journal tells of', () => {
  it('has each intention from when its plan was chosen, with what it waits for, until it ends', () => {
    written = [];
    const plan = chosen();
    expect(intentions()).toEqual([['limit-link', 'begin', 'nothing']]);
    const measure = requested('measure', [plan]);
    expect(intentions()).toEqual([['limit-link', 'begin', 'action measure of s4']]);
    const next = step('set', 'step', [measure]);
    expect(intentions()).toEqual([['limit-link', 'set', 'nothing']]);
    requested('confirm-sources', [next]);
    const limit = requested('limit-link', [next]);
    expect(intentions()).toEqual([['limit-link', 'set', 'action limit-link of s4']]);
    step('set', 'done', [limit]);
    expect(intentions()).toEqual([]);
  });

  it('tells of an auction and of a goal that an intention waits for, and not of those of others', () => {
    written = [];
    const plan = chosen();
    write(
      {
        kind: 'auction',
        auction: 'a1.1',
        goal: 'linkRateLimited(s4)',
        status: 'opened',
        participants: ['a2'],
        bids: [],
        winner: null,
        reserve: null,
      },
      [plan],
    );
    expect(intentions()).toEqual([['limit-link', 'begin', 'auction a1.1']]);
    const step2 = step('later', 'step', []);
    write({ kind: 'goal', goal: 'quiet(s4)', goalId: 'g2', status: 'generated', priority: 1 }, [step2]);
    expect(intentions()).toEqual([['limit-link', 'later', 'goal quiet(s4)']]);
    requested('measure', ['a1:999']);
    expect(intentions()).toEqual([['limit-link', 'later', 'goal quiet(s4)']]);
  });

  it('has no intention where no plan was found', () => {
    written = [];
    write({ kind: 'plan', goalId: 'g1', intention: 'i1', chosen: null, candidates: [] });
    expect(intentions()).toEqual([]);
  });
});
