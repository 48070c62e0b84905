import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Performative } from '../../protocol/acl.ts';
import { PERFORMATIVES } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { BundleOutput } from './bundle-initiator.ts';
import { BundleInitiator } from './bundle-initiator.ts';
import { b1, b2, b3, message, sent, stranger } from './testing/conversation.ts';

const goals = ['dig', 'fill', 'plant'].map((type) => ({ type, args: {} }));
const offers = (...each: readonly (readonly [readonly number[], number])[]): Json => ({
  offers: each.map(([set, price]) => ({ goals: [...set], price })),
  validUntilMs: 10_000,
});

function bundle(participants: readonly AgentId[] = [b1, b2, b3]) {
  const conversationId = 'buyer.1';
  const machine = new BundleInitiator({
    conversationId,
    goals,
    participants,
    replyByMs: 100,
    completeWithinMs: 200,
  });
  const out: BundleOutput[] = [];
  machine.open(out);
  const say = (performative: Performative, sender: AgentId, content: Json, nowMs = 1) => {
    out.length = 0;
    return machine.onMessage(message(performative, sender, content), nowMs, out);
  };
  return { machine, out, say };
}

/** b1 has won the first two goals, b2 the third; b3 has lost. */
function awarded() {
  const made = bundle();
  made.say('propose', b1, offers([[0, 1], 0.2], [[2], 0.9]));
  made.say('propose', b2, offers([[2], 0.3]));
  made.say('propose', b3, offers([[0, 1, 2], 0.6]));
  return made;
}

describe('the initiator of a bundle', () => {
  test('takes the cheapest exact cover, tells each winner which goals it has won, and rejects the others', () => {
    const { out, machine } = awarded();
    expect(sent(out)).toEqual(['accept-proposal b1', 'accept-proposal b2', 'reject-proposal b3']);
    const won = out.flatMap((each) => (each.kind === 'send' ? [each.message.content] : []));
    expect(won.slice(0, 2)).toEqual([
      { award: 'buyer.1', goals: [0, 1] },
      { award: 'buyer.1', goals: [2] },
    ]);
    expect(out.at(-1)).toMatchObject({ kind: 'awarded', price: 0.5 });
    expect(machine.state).toBe('awarded');
  });

  test('puts the results in the order of the goals, whoever reports first', () => {
    const { out, say } = awarded();
    say('inform', b2, { result: ['planted'] });
    expect(out).toEqual([]);
    say('inform', b1, { result: ['dug', 'filled'] });
    expect(out).toEqual([
      {
        kind: 'closed',
        outcome: {
          kind: 'completed',
          results: [
            { holder: b1, result: 'dug' },
            { holder: b1, result: 'filled' },
            { holder: b2, result: 'planted' },
          ],
        },
      },
    ]);
  });

  test('tells which goals are left, and who had won them, when a winner fails or answers for too few', () => {
    const failed = awarded();
    failed.say('inform', b2, { result: ['planted'] });
    failed.say('failure', b1, { reason: 'rock' });
    expect(failed.out.at(-1)).toMatchObject({
      outcome: {
        kind: 'partly',
        results: [undefined, undefined, { holder: b2, result: 'planted' }],
        left: [
          { goal: 0, lostBy: b1 },
          { goal: 1, lostBy: b1 },
        ],
        reason: 'b1: rock',
      },
    });
    const short = awarded();
    expect(short.say('inform', b1, { result: ['dug'] })).toBe('malformed');
    short.say('inform', b2, { result: ['planted'] });
    expect(short.out.at(-1)).toMatchObject({ outcome: { kind: 'partly', left: [{ goal: 0 }, { goal: 1 }] } });
  });

  test('calls off at the deadline who has not reported', () => {
    const { machine, out, say } = awarded();
    say('inform', b1, { result: ['dug', 'filled'] });
    machine.onTime(1 + 200, out);
    expect(sent(out)).toEqual(['cancel b2']);
    expect(out.at(-1)).toMatchObject({ outcome: { kind: 'partly', left: [{ goal: 2, lostBy: b2 }] } });
  });

  test('decides at the deadline without the silent, whose offers are then late', () => {
    const { machine, out, say } = bundle();
    say('propose', b1, offers([[0, 1, 2], 0.9]));
    out.length = 0;
    machine.onTime(100, out);
    expect(sent(out)).toEqual(['accept-proposal b1']);
    expect(say('propose', b2, offers([[0, 1, 2], 0.1]), 101)).toBe('late');
    expect(sent(out)).toEqual(['reject-proposal b2']);
  });

  test('begins nothing when the offers do not reach every goal', () => {
    const { out, say } = bundle([b1]);
    say('propose', b1, offers([[0, 1], 0.1]));
    expect(sent(out)).toEqual(['reject-proposal b1']);
    expect(out.at(-1)).toMatchObject({ outcome: { reason: 'no set of offers reaches every goal' } });
  });

  test.each<[string, () => string]>([
    ['wrong-sender', () => bundle().say('propose', stranger, offers([[0], 0.1]))],
    ['duplicate', () => awarded().say('propose', b1, offers([[0, 1, 2], 0]))],
    ['malformed', () => bundle().say('propose', b1, { offers: [] })],
    ['malformed', () => bundle().say('propose', b1, offers([[12], 0.1]))],
    ['wrong-state', () => bundle().say('inform', b1, { result: [] })],
    ['wrong-state', () => bundle().say('accept-proposal', b1, { award: 'buyer.1' })],
    ['late', () => awarded().say('inform', b3, { result: ['x', 'y', 'z'] })],
  ])('tells apart what is %s', (handling, act) => {
    expect(act()).toBe(handling);
  });

  test('gone on with from a snapshot at any point it ends the same way', () => {
    const script: readonly [Performative, AgentId, Json][] = [
      ['propose', b1, offers([[0, 1], 0.2])],
      ['refuse', b3, { reason: 'busy', parts: [] }],
      ['propose', b2, offers([[2], 0.3])],
      ['failure', b1, { reason: 'rock' }],
      ['inform', b2, { result: ['planted'] }],
    ];
    const play = (crashAt: number) => {
      let { machine } = bundle();
      const out: BundleOutput[] = [];
      script.forEach(([performative, sender, content], at) => {
        if (at === crashAt) machine = new BundleInitiator(machine.spec, structuredClone(machine.snapshot()));
        machine.onMessage({ ...message(performative, sender, content), messageId: `m${at}` }, 1, out);
      });
      return out;
    };
    const undisturbed = play(-1);
    expect(undisturbed.at(-1)).toMatchObject({ kind: 'closed', outcome: { kind: 'partly' } });
    for (let at = 0; at < script.length; at++) expect(play(at)).toEqual(undisturbed);
  });

  test('whatever comes, in whatever order, it closes exactly once, and awards each goal to one at most', () => {
    const set = fc.uniqueArray(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 });
    const content = fc.oneof(
      fc
        .array(fc.tuple(set, fc.integer({ min: 0, max: 4 })), { minLength: 1, maxLength: 5 })
        .map((each) => offers(...each)),
      fc.constant<Json>({ reason: 'x', parts: [] }),
      fc.array(fc.constant<Json>('x'), { maxLength: 3 }).map((result): Json => ({ result })),
      fc.constant<Json>(null),
    );
    const event = fc.record({
      performative: fc.oneof(
        fc.constantFrom(...PERFORMATIVES),
        fc.constantFrom('propose' as const, 'inform' as const),
      ),
      sender: fc.constantFrom(b1, b2, b3, stranger),
      content,
      afterMs: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), (events) => {
        const { machine } = bundle();
        const out: BundleOutput[] = [];
        let nowMs = 0;
        for (const { performative, sender, content: said, afterMs } of events) {
          nowMs += afterMs;
          machine.onTime(nowMs, out);
          machine.onMessage(message(performative, sender, said), nowMs, out);
        }
        machine.onTime(nowMs + 1000, out);
        machine.onTime(nowMs + 2000, out);
        expect(machine.state).toBe('closed');
        const closed = out.flatMap((each) => (each.kind === 'closed' ? [each.outcome] : []));
        expect(closed).toHaveLength(1);
        const won = out.flatMap((each) =>
          each.kind === 'awarded' ? each.taken.flatMap((one) => one.goals) : [],
        );
        expect(new Set(won).size).toBe(won.length);
        const [outcome] = closed;
        if (outcome?.kind !== 'partly') return;
        // Every goal is either reached or left, and never both.
        const left = new Set(outcome.left.map((each) => each.goal));
        goals.forEach((_, goal) => {
          expect(outcome.results[goal] === undefined).toBe(left.has(goal));
        });
      }),
      { numRuns: 500 },
    );
  });
});
