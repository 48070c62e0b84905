import { beforeEach, describe, expect, it } from 'vitest';
import { createVirtualClock } from '../adapters/clock-virtual/virtual-clock.ts';
import { agentId, awardId } from '../protocol/ids.ts';
import type { PlaneCommand } from '../protocol/plane.ts';
import { PlaneCommandSchema } from '../protocol/plane.ts';
import type { AbandonedRule, Judged } from './award-fence.ts';
import { ABANDONED_AFTER_MS, AwardFence, WORD_WITHIN_MS } from './award-fence.ts';

let clock: ReturnType<typeof createVirtualClock>;
let fence: AwardFence;
const [a1, a2, a3, a6] = ['a1', 'a2', 'a3', 'a6'].map(agentId) as [
  ReturnType<typeof agentId>,
  ReturnType<typeof agentId>,
  ReturnType<typeof agentId>,
  ReturnType<typeof agentId>,
];

beforeEach(() => {
  clock = createVirtualClock({ startAtMs: 0 });
  fence = new AwardFence(clock);
});

/** a1 awards `award` to `holder`. */
function given(award: string, holder = a3, takesOver?: string) {
  const giver = agentId(award.slice(0, award.indexOf('.')));
  const over = takesOver === undefined ? {} : { takesOver: awardId(takesOver) };
  expect(fence.hear(giver, { kind: 'award-given', award: awardId(award), holder, ...over })).toBeUndefined();
}

const limit = (award: string, owner: string = a3, rateBytesPerSec = 1000): PlaneCommand =>
  PlaneCommandSchema.parse({
    kind: 'limit-link',
    rule: 'limit:s4>h1',
    award,
    owner,
    link: 's4>h1',
    rateBytesPerSec,
  });
const removal = (award?: string): PlaneCommand =>
  PlaneCommandSchema.parse({
    kind: 'remove-rule',
    rule: 'limit:s4>h1',
    ...(award === undefined ? {} : { award }),
  });
const adoption = (fromAward: string, toAward: string, owner: string): PlaneCommand =>
  PlaneCommandSchema.parse({ kind: 'adopt-rules', fromAward, toAward, owner });

/** What it was told, as far as it has been told already. */
function judged(agent: typeof a1, command: PlaneCommand): { said: Judged | undefined } {
  const answer: { said: Judged | undefined } = { said: undefined };
  fence.judge(agent, command, (said) => {
    answer.said = said;
  });
  return answer;
}
const passes = (agent: typeof a1, command: PlaneCommand) =>
  expect(judged(agent, command).said).toMatchObject({ ok: true });
const refuses = (agent: typeof a1, command: PlaneCommand, reason: RegExp) =>
  expect(judged(agent, command).said).toEqual({ ok: false, reason: expect.stringMatching(reason) });

describe('whose rule is whose', () => {
  it('a holder sets, changes and removes its rule', () => {
    given('a1.7');
    passes(a3, limit('a1.7'));
    passes(a3, limit('a1.7', a3, 500));
    passes(a3, removal('a1.7'));
    passes(a3, removal());
  });

  it('nobody else removes it, whichever award they name', () => {
    given('a1.7');
    passes(a3, limit('a1.7'));
    given('a6.1', a6);
    refuses(a6, removal('a1.7'), /is a rule of a3, under award a1.7/);
    refuses(a6, removal(), /is a rule of a3/);
    // Removing it as if it served another award does nothing on the data plane, and nothing here.
    passes(a6, removal('a6.1'));
    refuses(a6, removal('a1.7'), /is a rule of a3/);
  });

  it('nobody else puts a rule in its place, or adopts it, under an award of their own', () => {
    given('a1.7');
    passes(a3, limit('a1.7'));
    given('a6.1', a6);
    refuses(a6, limit('a6.1', a6, 1e9), /is a rule of a3/);
    refuses(a6, limit('a6.1', a3, 1e9), /names a3 as the owner/);
    refuses(a6, adoption('a1.7', 'a6.1', a6), /not given by who gave a1.7/);
    refuses(a6, removal('a1.7'), /is a rule of a3/);
  });

  it('nobody gives awards in the name of another', () => {
    const word = { kind: 'award-given', award: awardId('a1.8'), holder: a6 } as const;
    expect(fence.hear(a6, word)).toMatch(/not an award of a6/);
    const over = { ...word, award: awardId('a6.8'), takesOver: awardId('a1.7') };
    expect(fence.hear(a6, over)).toMatch(/not an award of a6/);
    expect(fence.hear(a6, { kind: 'award-over', award: awardId('a1.7') })).toMatch(/not an award/);
  });

  it('who takes an award over adopts its rules; the one before may not touch them any more', () => {
    given('a1.7');
    passes(a3, limit('a1.7'));
    given('a1.7/', a2, 'a1.7');
    passes(a2, adoption('a1.7', 'a1.7/', a2));
    refuses(a3, removal('a1.7/'), /is a rule of a2/);
    passes(a2, limit('a1.7/', a2));
    passes(a2, removal('a1.7/'));
  });

  it('the same giver may award the work anew to somebody else', () => {
    given('a1.7');
    passes(a3, limit('a1.7'));
    given('a1.9', a2);
    passes(a2, limit('a1.9', a2));
    refuses(a3, removal('a1.9'), /is a rule of a2/);
  });

  it('what was set for a giver that is gone, or by an owner that is, may be replaced under any award', () => {
    given('a1.7');
    passes(a3, limit('a1.7'));
    given('a6.1', a6);
    refuses(a6, limit('a6.1', a6), /is a rule of a3/);
    fence.gone(a1);
    refuses(a6, removal('a1.7'), /is a rule of a3/);
    passes(a6, limit('a6.1', a6));
  });

  it('a rule that the data plane did not set leaves the place free', () => {
    given('a1.7');
    given('a6.1', a6);
    const { said } = judged(a3, limit('a1.7'));
    if (said?.ok === true) said.undo();
    passes(a6, limit('a6.1', a6));
  });

  it('an award that is over serves no new rule, and its holder cleans up', () => {
    given('a1.7');
    passes(a3, limit('a1.7'));
    fence.hear(a1, { kind: 'award-over', award: awardId('a1.7') });
    passes(a3, removal('a1.7'));
    const late = judged(a3, limit('a1.7'));
    clock.runUntil(WORD_WITHIN_MS);
    expect(late.said).toEqual({ ok: false, reason: 'a1.7 was not awarded to a3' });
  });
});

describe('a rule whose owner is gone', () => {
  let lifted: AbandonedRule[];
  beforeEach(() => {
    lifted = [];
    fence.onAbandoned((abandoned) => lifted.push(abandoned));
    given('a1.7');
    passes(a3, limit('a1.7'));
  });
  const over = (award = 'a1.7') => fence.hear(a1, { kind: 'award-over', award: awardId(award) });
  const theRule = {
    rule: 'limit:s4>h1',
    award: 'a1.7',
    reason: 'a3 is gone, and nobody holds award a1.7 any more',
  };

  it.each([
    ['before its award is over', () => [fence.gone(a3), over()]],
    ['after its award is over', () => [over(), fence.gone(a3)]],
    ['with who gave the award', () => [fence.gone(a3), fence.gone(a1)]],
    ['while nobody takes the award over', () => fence.gone(a3)],
  ])('is lifted, once: gone %s', (_, happens) => {
    happens();
    clock.runUntil(ABANDONED_AFTER_MS - 1);
    expect(lifted).toEqual([]);
    clock.runUntil(3 * ABANDONED_AFTER_MS);
    expect(lifted).toEqual([theRule]);
  });

  it('is lifted long afterwards, when its award ends at last', () => {
    fence.gone(a3);
    given('a1.7', a2);
    clock.runUntil(2 * ABANDONED_AFTER_MS);
    expect(lifted).toEqual([]);
    over();
    clock.runUntil(3 * ABANDONED_AFTER_MS);
    expect(lifted).toEqual([theRule]);
  });

  it.each([
    [
      'somebody takes it over',
      () => {
        given('a1.7/', a2, 'a1.7');
        passes(a2, adoption('a1.7', 'a1.7/', a2));
        over('a1.7/');
      },
    ],
    [
      'its owner is back, and sets it again',
      () => {
        given('a1.9');
        passes(a3, limit('a1.9'));
        over('a1.9');
      },
    ],
    ['it is there still', () => over()],
  ])('stays with its owner: %s', (what, happens) => {
    if (what !== 'it is there still') fence.gone(a3);
    happens();
    clock.runUntil(3 * ABANDONED_AFTER_MS);
    expect(lifted).toEqual([]);
  });
});

describe('commands that are quicker than the word of their award', () => {
  it('wait for it, and not for ever', () => {
    const early = judged(a3, limit('a1.7'));
    expect(early.said).toBeUndefined();
    given('a1.7');
    expect(early.said).toMatchObject({ ok: true });
    const never = judged(a6, limit('a1.7', a6));
    clock.runUntil(WORD_WITHIN_MS - 1);
    expect(never.said).toBeUndefined();
    clock.runUntil(WORD_WITHIN_MS);
    expect(never.said).toEqual({ ok: false, reason: 'a1.7 was not awarded to a6' });
  });

  it('are dropped when their agent is revoked meanwhile, also if the word comes afterwards', () => {
    const queued = judged(a3, limit('a1.7'));
    fence.gone(a3);
    expect(queued.said).toEqual({ ok: false, reason: 'a3 is gone' });
    given('a1.7');
    expect(queued.said).toEqual({ ok: false, reason: 'a3 is gone' });
  });
});

describe('what an agent says without end', () => {
  it('of holders of its award is not remembered', () => {
    for (let each = 0; each < 64; each++) given('a1.1', agentId(`x${each}`));
    const more = { kind: 'award-given', award: awardId('a1.1'), holder: a6 } as const;
    expect(fence.hear(agentId('a1'), more)).toMatch(/has 64 holders already/);
    given('a1.1', agentId('x7'));
  });
});
