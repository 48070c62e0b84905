import { describe, expect, it } from 'vitest';
import { planeActions } from './plane-actions.ts';
import { rulesInForce } from './rules-in-force.ts';
import { journalOf, LINK, type Step } from './testing/small-recording.ts';

function intervals(steps: readonly Step[]): unknown[] {
  return rulesInForce(planeActions(journalOf(steps)), 20_000).map(({ startMs, endMs, endedBy }) => [
    startMs,
    endMs,
    endedBy,
  ]);
}

describe('rulesInForce', () => {
  it('ends a limit when its rule is lifted', () => {
    expect(
      intervals([
        { kind: 'limit-link', tMs: 1000, target: LINK, rule: 'r' },
        { kind: 'remove-rule', tMs: 2500, target: 'r' },
      ]),
    ).toEqual([[1000, 2500, 'lifted']]);
  });

  it('ends a block when its time has run out, though nobody wrote so', () => {
    expect(intervals([{ kind: 'block-source', tMs: 1000, target: '10.0.0.9', ttlMs: 3000 }])).toEqual([
      [1000, 4000, 'ran-out'],
    ]);
  });

  it('joins a block that is renewed in time, and not one that comes back later', () => {
    const block = (tMs: number): Step => ({ kind: 'block-source', tMs, target: '10.0.0.9', ttlMs: 3000 });
    expect(intervals([block(1000), block(3500), block(9000)])).toEqual([
      [1000, 6500, 'ran-out'],
      [9000, 12_000, 'ran-out'],
    ]);
  });

  it('keeps a rule without an end in force to the end of the run, also when it is passed on', () => {
    expect(
      intervals([
        { kind: 'limit-link', tMs: 1000, target: LINK, rule: 'r' },
        { kind: 'adopt-rules', tMs: 2000, target: 'award-1' },
      ]),
    ).toEqual([[1000, 20_000, 'end-of-run']]);
  });

  it('does not let the award that a rule has passed from lift it, only the one that it serves', () => {
    const steps: readonly Step[] = [
      { kind: 'limit-link', tMs: 1000, target: LINK, rule: 'r', award: 'old' },
      { kind: 'adopt-rules', tMs: 2000, target: 'new', fromAward: 'old', toAward: 'new' },
      { kind: 'remove-rule', tMs: 3000, target: 'r', award: 'old' },
    ];
    expect(intervals(steps)).toEqual([[1000, 20_000, 'end-of-run']]);
    const lifted: Step = { kind: 'remove-rule', tMs: 4000, target: 'r', award: 'new' };
    expect(intervals([...steps, lifted])).toEqual([[1000, 4000, 'lifted']]);
  });

  it('takes what the request carried where the answer does not repeat it', () => {
    const [asked] = journalOf([
      { kind: 'block-source', tMs: 900, target: '10.0.0.9', ttlMs: 500, status: 'requested' },
    ]);
    const [answer] = journalOf([{ kind: 'block-source', tMs: 1000, target: '10.0.0.9' }]);
    if (asked?.kind !== 'action' || answer?.kind !== 'action') throw new Error('both are actions');
    const done = { ...answer, id: 'a1:2', because: [asked.id], rule: null, detail: {}, reason: '' };
    const [action] = planeActions([asked, done]);
    expect(action).toMatchObject({
      link: LINK,
      ttlMs: 500,
      reason: 'block-source is needed',
      rule: asked.rule,
    });
  });
});
