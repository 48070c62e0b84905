import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Performative } from '../../protocol/acl.ts';
import { PERFORMATIVES } from '../../protocol/acl.ts';
import type { Json } from '../../protocol/journal.ts';
import type { Handling } from './initiator.ts';
import type { ParticipantOutput, Seal } from './participant.ts';
import { handlingOfEnded, Participant } from './participant.ts';
import { b1, b2, buyer, message, sent, spec } from './testing/conversation.ts';

const award: Json = { award: 'buyer.1' };
// Any function of text serves as a hash where nobody compares.
const seal: Seal = { self: b1, sealing: { hash: () => '0'.repeat(64), nonce: () => 'n'.repeat(16) } };

/** A participant that has bid 0.2, which binds until 1000 ms; the work is to be done by 300 ms. */
function start(sealed?: 'commit-reveal') {
  const cfp = { goal: spec.goal, completeByMs: 300, ...(sealed === undefined ? {} : { sealed }) };
  const machine = new Participant(message('cfp', buyer, cfp), cfp);
  const out: ParticipantOutput[] = [];
  machine.answer({ kind: 'propose', price: 0.2, parts: [] }, 1000, out, seal);
  const hear = (performative: Performative, content: Json = award, nowMs = 1) => {
    out.length = 0;
    return machine.onMessage(message(performative, buyer, content), nowMs, out);
  };
  return { machine, out, hear };
}

/** Every performative that no row names is out of place: `wrong-state`. */
type Row = Partial<Record<Performative, Handling>>;

const situations: Readonly<Record<string, { readonly row: Row; readonly bring: () => Participant }>> = {
  bidding: {
    row: { cfp: 'duplicate', 'accept-proposal': 'handled', 'reject-proposal': 'handled', cancel: 'handled' },
    bring: () => start().machine,
  },
  'bidding, its bid sealed': {
    row: {
      cfp: 'duplicate',
      'accept-proposal': 'handled',
      'reject-proposal': 'handled',
      cancel: 'handled',
      'query-ref': 'handled',
    },
    bring: () => start('commit-reveal').machine,
  },
  executing: {
    row: { cfp: 'duplicate', 'accept-proposal': 'duplicate', cancel: 'handled' },
    bring: () => {
      const { machine, hear } = start();
      hear('accept-proposal');
      return machine;
    },
  },
  done: {
    row: { cfp: 'duplicate', 'accept-proposal': 'duplicate', cancel: 'late' },
    bring: () => {
      const { machine, hear } = start();
      hear('accept-proposal');
      machine.completed('dug', []);
      return machine;
    },
  },
  rejected: {
    row: { cfp: 'duplicate', cancel: 'late' },
    bring: () => {
      const { machine, hear } = start();
      hear('reject-proposal', { reason: 'dear' });
      return machine;
    },
  },
  'no longer bound by its bid': {
    row: { cfp: 'duplicate', cancel: 'late' },
    bring: () => {
      const { machine } = start();
      machine.onTime(1001, []);
      return machine;
    },
  },
};

describe.each(Object.entries(situations))('%s', (name, { row, bring }) => {
  test.each(PERFORMATIVES)('%s', (performative) => {
    const handling = row[performative] ?? 'wrong-state';
    expect(bring().onMessage(message(performative, buyer, award), 2, [])).toBe(handling);
    expect(bring().onMessage(message(performative, b2, award), 2, [])).toBe('wrong-sender');
    // A conversation that came to nothing is told apart in the same way when its machine is gone.
    if (name === 'rejected') {
      expect(handlingOfEnded(message(performative, buyer, award), buyer)).toBe(handling);
      expect(handlingOfEnded(message(performative, b2, award), buyer)).toBe('wrong-sender');
    }
  });
});

describe('the participant', () => {
  test('an accept comes too late once the bid no longer binds; work not done in time is stopped and reported', () => {
    const late = start();
    expect(late.hear('accept-proposal', award, 1001)).toBe('late');
    expect(sent(late.out)).toEqual(['failure buyer']);
    const slow = start();
    slow.hear('accept-proposal');
    slow.machine.onTime(301, slow.out);
    expect(slow.out.map((each) => each.kind)).toEqual(['execute', 'stop', 'send']);
    expect(sent(slow.out)).toEqual(['failure buyer']);
  });

  test('a second accept begins nothing and gets the answer again', () => {
    const { machine, out, hear } = start();
    hear('accept-proposal');
    expect(hear('accept-proposal')).toBe('duplicate');
    expect(out).toEqual([]);
    machine.completed('dug', out);
    expect(hear('accept-proposal')).toBe('duplicate');
    expect(out).toMatchObject([
      { kind: 'send', message: { performative: 'inform', content: { result: 'dug' } } },
    ]);
  });

  test('an acceptance that cannot be read is answered with a failure, and nothing is begun', () => {
    const { out, hear, machine } = start();
    expect(hear('accept-proposal', { prize: 'yes' })).toBe('malformed');
    expect(sent(out)).toEqual(['failure buyer']);
    expect(machine.state).toBe('ended');
  });

  test('whatever comes, it begins at most once, and reports at most one end of what it has begun', () => {
    const event = fc.record({
      what: fc.oneof(
        fc.constantFrom(...PERFORMATIVES),
        fc.constantFrom('completes' as const, 'fails' as const),
      ),
      sender: fc.constantFrom(buyer, buyer, buyer, b2),
      content: fc.constantFrom<Json>(award, { reason: 'x' }, null),
      afterMs: fc.integer({ min: 0, max: 150 }),
    });
    const sealed = fc.constantFrom(undefined, 'commit-reveal' as const);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), sealed, (events, kind) => {
        const { machine, out } = start(kind);
        const all: ParticipantOutput[] = [];
        let nowMs = 0;
        for (const { what, sender, content, afterMs } of events) {
          out.length = 0;
          nowMs += afterMs;
          machine.onTime(nowMs, out);
          const working = machine.state === 'executing';
          if (what === 'completes') {
            if (working) machine.completed('dug', out);
          } else if (what === 'fails') {
            if (working) machine.failed('rock', out);
          } else machine.onMessage(message(what, sender, content), nowMs, out);
          all.push(...out);
        }
        machine.onTime(nowMs + 10_000, all);
        expect(machine.state).toBe('ended');
        const begun = all.filter((each) => each.kind === 'execute').length;
        expect(begun).toBeLessThanOrEqual(1);
        const ends = all.flatMap((each) =>
          each.kind === 'send' && ['inform', 'failure'].includes(each.message.performative)
            ? // What it tells of a sealed bid is an inform as well.
              JSON.stringify(each.message.content).includes('nonce')
              ? []
              : [JSON.stringify(each.message.content)]
            : [],
        );
        expect(new Set(ends).size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});
