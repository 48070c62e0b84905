import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Performative } from '../../protocol/acl.ts';
import { PERFORMATIVES } from '../../protocol/acl.ts';
import { agentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { InitiatorOutput } from './auction-spec.ts';
import type { Handling } from './initiator.ts';
import { Initiator } from './initiator.ts';
import { auction, b1, b2, b3, message, proposal, sent, spec, stranger } from './testing/conversation.ts';

const busy = { reason: 'busy', parts: [] };

describe('the initiator', () => {
  test('awards the lowest price, rejects the others, and closes with the result', () => {
    const { machine, out, say } = auction();
    expect(sent(out)).toEqual(['cfp b1', 'cfp b2', 'cfp b3']);
    say('propose', b1, proposal(0.5));
    say('refuse', b3, busy);
    say('propose', b2, proposal(0.4));
    expect(sent(out)).toEqual(['accept-proposal b2', 'reject-proposal b1']);
    say('inform', b2, { result: 'dug' });
    expect(out).toEqual([{ kind: 'closed', outcome: { kind: 'completed', winner: b2, result: 'dug' } }]);
    expect(machine.state).toBe('closed');
  });

  test('credits the winner with the second lowest price when that is asked for', () => {
    const { out, say } = auction({ pricing: 'second-price', participants: [b1, b2] });
    say('propose', b1, proposal(0.5));
    say('propose', b2, proposal(0.2));
    expect(out.find((each) => each.kind === 'awarded')).toMatchObject({ winner: b2, price: 0.5 });
  });

  test('says in words how everybody has answered when it cannot award', () => {
    const { machine, say, out } = auction({ reservePrice: 0.3 });
    say('propose', b1, proposal(0.5));
    say('refuse', b2, busy);
    out.length = 0;
    machine.onTime(100, out);
    expect(sent(out)).toEqual(['reject-proposal b1']);
    const reason = 'no bid could be taken: 1 bid over the reserve price, 1 refused, 1 did not answer in time';
    expect(out.at(-1)).toEqual({ kind: 'closed', outcome: { kind: 'no-bid', reason } });
  });

  test('closes at once when nobody offers the goal', () => {
    const { out } = auction({ participants: [] });
    expect(out).toEqual([{ kind: 'closed', outcome: { kind: 'no-bid', reason: 'nobody offers this goal' } }]);
  });

  test('whom to ask next when the winner is lost: whose bids still bind, best first', () => {
    const { machine, say, out } = auction();
    say('propose', b1, proposal(0.5));
    say('propose', b2, { price: 0.1, parts: [], validUntilMs: 10_000 });
    say('propose', b3, { price: 0.3, parts: [], validUntilMs: 50 });
    out.length = 0;
    machine.onTime(1 + 200, out);
    expect(sent(out)).toEqual(['cancel b2']);
    expect(out.at(-1)).toMatchObject({ outcome: { kind: 'failed', reason: 'b2 did not report in time' } });
    expect(machine.nextBest(40)).toEqual([b3, b1]);
    expect(machine.nextBest(60)).toEqual([b1]);
  });

  test('called off while bids come in, all but those who refused hear of it; later the winner alone', () => {
    const early = auction();
    early.say('refuse', b1, busy);
    early.out.length = 0;
    early.machine.cancel('not needed', early.out);
    expect(sent(early.out)).toEqual(['cancel b2', 'cancel b3']);
    const awarded = auction({ participants: [b1, b2] });
    awarded.say('propose', b1, proposal(0.5));
    awarded.say('propose', b2, proposal(0.1));
    awarded.out.length = 0;
    awarded.machine.cancel('not needed', awarded.out);
    expect(sent(awarded.out)).toEqual(['cancel b2']);
    awarded.machine.cancel('again', awarded.out);
    expect(awarded.out.filter((each) => each.kind === 'closed')).toHaveLength(1);
  });
});

/** Every performative that no row names is out of place: `wrong-state`. */
type Row = Partial<Record<Performative, Handling>>;
const answers = (handling: Handling): Row => ({
  propose: handling,
  refuse: handling,
  'not-understood': handling,
});

const situations: Readonly<Record<string, { readonly row: Row; readonly bring: () => Initiator }>> = {
  'bidding, not answered yet': { row: answers('handled'), bring: () => auction().machine },
  'bidding, answered': {
    row: answers('duplicate'),
    bring: () => {
      const { machine, say } = auction();
      say('propose', b1, proposal(0.5));
      return machine;
    },
  },
  'awarded to the sender': {
    row: { ...answers('duplicate'), inform: 'handled', failure: 'handled' },
    bring: () => {
      const { machine, say } = auction({ participants: [b1, b2] });
      say('propose', b2, proposal(0.5));
      say('propose', b1, proposal(0.1));
      return machine;
    },
  },
  'awarded to another': {
    row: { ...answers('duplicate'), inform: 'late', failure: 'late' },
    bring: () => {
      const { machine, say } = auction({ participants: [b1, b2] });
      say('propose', b1, proposal(0.5));
      say('propose', b2, proposal(0.1));
      return machine;
    },
  },
  'awarded while the sender was silent': {
    row: { ...answers('late'), inform: 'late', failure: 'late' },
    bring: () => {
      const { machine, say } = auction({ participants: [b1, b2] });
      say('propose', b2, proposal(0.5));
      machine.onTime(100, []);
      return machine;
    },
  },
  'closed by the sender’s result': {
    row: { ...answers('duplicate'), inform: 'duplicate', failure: 'duplicate' },
    bring: () => {
      const { machine, say } = auction({ participants: [b1] });
      say('propose', b1, proposal(0.5));
      say('inform', b1, { result: 1 });
      return machine;
    },
  },
  'closed without an award': {
    row: answers('late'),
    bring: () => {
      const { machine } = auction();
      machine.onTime(100, []);
      return machine;
    },
  },
};

const contents: Partial<Record<Performative, Json>> = {
  propose: proposal(0.2),
  refuse: busy,
  inform: { result: 1 },
  failure: { reason: 'rock' },
};

describe.each(Object.entries(situations))('%s', (_, { row, bring }) => {
  test.each(PERFORMATIVES)('%s', (performative) => {
    const content = contents[performative] ?? {};
    expect(bring().onMessage(message(performative, b1, content), 2, [])).toBe(
      row[performative] ?? 'wrong-state',
    );
    expect(bring().onMessage(message(performative, stranger, content), 2, [])).toBe('wrong-sender');
  });
});

describe('what cannot be read', () => {
  test('a proposal loses and is rejected; a result loses the award', () => {
    const { machine, say, out } = auction({ participants: [b1, b2] });
    expect(say('propose', b1, { price: 'cheap' })).toBe('malformed');
    expect(sent(out)).toEqual(['reject-proposal b1']);
    say('propose', b2, proposal(0.4));
    expect(say('inform', b2, { outcome: 'fine' })).toBe('malformed');
    expect(machine.state).toBe('closed');
    expect(out.at(-1)).toMatchObject({ outcome: { kind: 'failed' } });
  });
});

test('whatever comes, in whatever order, it closes exactly once', () => {
  const content = fc.oneof(
    fc.double({ min: 0, max: 1, noNaN: true }).map(proposal),
    fc.constant<Json>(busy),
    fc.constant<Json>({ result: 1 }),
    fc.constant<Json>({ commitment: '0'.repeat(64) }),
    fc.constant<Json>(null),
  );
  const event = fc.record({
    performative: fc.constantFrom(...PERFORMATIVES),
    sender: fc.constantFrom(b1, b2, b3, agentId('stranger')),
    content,
    afterMs: fc.integer({ min: 0, max: 60 }),
  });
  const sealed = fc.constantFrom(undefined, 'commit-reveal' as const);
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), sealed, (events, kind) => {
      // Any function of text serves: nothing is promised here that is kept.
      const machine = new Initiator({ ...spec, ...(kind === undefined ? {} : { sealed: kind }) }, (x) => x);
      const out: InitiatorOutput[] = [];
      machine.open(out);
      let nowMs = 0;
      for (const { performative, sender, content: said, afterMs } of events) {
        nowMs += afterMs;
        machine.onTime(nowMs, out);
        machine.onMessage(message(performative, sender, said), nowMs, out);
      }
      for (let turn = 1; turn <= 4; turn++) machine.onTime(nowMs + turn * 1000, out);
      expect(machine.state).toBe('closed');
      expect(out.filter((each) => each.kind === 'closed')).toHaveLength(1);
      expect(out.filter((each) => each.kind === 'awarded').length).toBeLessThanOrEqual(1);
    }),
    { numRuns: 300 },
  );
});
