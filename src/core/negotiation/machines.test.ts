import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AclMessage, Performative } from '../../protocol/acl.ts';
import { PERFORMATIVES } from '../../protocol/acl.ts';
import { agentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { AuctionSpec, InitiatorOutput } from './auction-spec.ts';
import { Initiator } from './initiator.ts';
import type { ParticipantOutput } from './participant.ts';
import { Participant } from './participant.ts';
import { commitmentOf } from './sealing.ts';

const buyer = agentId('buyer');
const bidders = ['b1', 'b2', 'b3'].map(agentId);
const [b1 = buyer, b2 = buyer] = bidders;
const hash = (text: string) => createHash('sha256').update(text).digest('hex');

const spec: AuctionSpec = {
  conversationId: 'buyer.1',
  goal: { type: 'dig', args: {} },
  participants: bidders,
  replyByMs: 100,
  completeWithinMs: 200,
};

let number = 0;
const message = (performative: Performative, sender: typeof buyer, content: Json): AclMessage => ({
  performative,
  sender,
  receiver: buyer,
  conversationId: 'buyer.1',
  messageId: `${sender}:${++number}`,
  protocol: 'fipa-contract-net',
  ontology: 'muster',
  content,
});
const proposal = (price: number): Json => ({ price, parts: [], validUntilMs: 10_000 });
const sent = (out: readonly (InitiatorOutput | ParticipantOutput)[]) =>
  out.flatMap((each) =>
    each.kind === 'send' ? [`${each.message.performative} ${each.message.receiver}`] : [],
  );

function auction(more: Partial<AuctionSpec> = {}) {
  const machine = new Initiator({ ...spec, ...more }, hash);
  const out: InitiatorOutput[] = [];
  machine.open(out);
  const say = (performative: Performative, sender: typeof buyer, content: Json, nowMs = 1) => {
    out.length = 0;
    return machine.onMessage(message(performative, sender, content), nowMs, out);
  };
  return { machine, out, say };
}

describe('the initiator', () => {
  test('awards the lowest price, rejects the others, and closes with the result', () => {
    const { machine, out, say } = auction();
    expect(sent(out)).toEqual(['cfp b1', 'cfp b2', 'cfp b3']);
    say('propose', b1, proposal(0.5));
    say('refuse', agentId('b3'), { reason: 'busy', parts: [] });
    say('propose', b2, proposal(0.4));
    expect(sent(out)).toEqual(['reject-proposal b1', 'accept-proposal b2']);
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

  test.each<[string, (each: ReturnType<typeof auction>) => string]>([
    ['a stranger’s bid', ({ say }) => say('propose', agentId('stranger'), proposal(0))],
    [
      'a second bid',
      ({ say }) => [say('propose', b1, proposal(0.5)), say('propose', b1, proposal(0.1))][1] ?? '',
    ],
    ['a bid after the deadline', ({ say }) => say('propose', b1, proposal(0.5), 101)],
    ['a bid that cannot be read', ({ say }) => say('propose', b1, { price: 'cheap' })],
    ['a result before the award', ({ say }) => say('inform', b1, { result: 1 })],
    ['a cfp', ({ say }) => say('cfp', b1, {})],
  ])('%s is told apart', (name, act) => {
    const expected: Record<string, string> = {
      'a stranger’s bid': 'wrong-sender',
      'a second bid': 'duplicate',
      'a bid after the deadline': 'late',
      'a bid that cannot be read': 'malformed',
      'a result before the award': 'wrong-state',
      'a cfp': 'wrong-state',
    };
    expect(act(auction())).toBe(expected[name]);
  });

  test('whatever comes, in whatever order, it closes exactly once', () => {
    const content = fc.oneof(
      fc.double({ min: 0, max: 1, noNaN: true }).map(proposal),
      fc.constant<Json>({ reason: 'x', parts: [] }),
      fc.constant<Json>({ result: 1 }),
      fc.constant<Json>(null),
    );
    const event = fc.record({
      performative: fc.constantFrom(...PERFORMATIVES),
      sender: fc.constantFrom(...bidders, agentId('stranger')),
      content,
      afterMs: fc.integer({ min: 0, max: 60 }),
    });
    const sealed = fc.constantFrom(undefined, 'commit-reveal' as const);
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), sealed, (events, kind) => {
        const machine = new Initiator({ ...spec, ...(kind === undefined ? {} : { sealed: kind }) }, hash);
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
      }),
      { numRuns: 300 },
    );
  });
});

describe('sealed bids', () => {
  const sealed = { sealed: 'commit-reveal', revealWithinMs: 50, participants: [b1, b2] } as const;
  const reveal = (price: number, nonce = 'n'.repeat(16)) => ({
    price,
    parts: [],
    validUntilMs: 10_000,
    nonce,
  });
  const promise = (bidder: string, price: number) => ({
    commitment: commitmentOf(hash, 'buyer.1', bidder, reveal(price)),
  });

  test('are told only when all are promised; with k of them it takes 2n + 3k + 1 messages', () => {
    const { out, say } = auction(sealed);
    let count = sent(out).length;
    const tell = (...args: Parameters<typeof say>) => {
      say(...args);
      count += 1 + sent(out).length;
    };
    tell('propose', b1, promise('b1', 0.5));
    expect(sent(out)).toEqual([]);
    tell('propose', b2, promise('b2', 0.4));
    expect(sent(out)).toEqual(['query-ref b1', 'query-ref b2']);
    tell('inform', b1, reveal(0.5));
    tell('inform', b2, reveal(0.4));
    expect(sent(out)).toEqual(['reject-proposal b1', 'accept-proposal b2']);
    tell('inform', b2, { result: 'dug' });
    expect(count).toBe(2 * 2 + 3 * 2 + 1);
  });

  test('a bidder that has learnt of another’s price cannot change its own any more', () => {
    const { machine, out, say } = auction(sealed);
    say('propose', b1, promise('b1', 0.5));
    say('propose', b2, promise('b2', 0.4));
    say('inform', b2, reveal(0.4));
    say('inform', b1, reveal(0.3));
    expect(machine.winner).toBe(b2);
    expect(machine.bids.find((each) => each.bidder === b1)).toMatchObject({ outcome: 'invalid' });
    expect(sent(out)).toContain('reject-proposal b1');
  });

  test('nor can it copy another’s promise, nor keep silent to any use', () => {
    const { machine, say, out } = auction(sealed);
    say('propose', b1, promise('b2', 0.1));
    say('propose', b2, promise('b2', 0.4));
    say('inform', b1, reveal(0.1));
    out.length = 0;
    machine.onTime(1 + 50, out);
    expect(machine.state).toBe('closed');
    expect(sent(out)).toEqual(['reject-proposal b2']);
  });

  test('a participant promises, tells on demand, and refuses when it cannot seal', () => {
    const cfp = { goal: spec.goal, completeByMs: 300, sealed: 'commit-reveal' as const };
    const asked = message('cfp', buyer, cfp);
    const bid = { kind: 'propose' as const, price: 0.25, parts: [] };
    const machine = new Participant(asked, cfp);
    const out: ParticipantOutput[] = [];
    machine.answer(bid, 5000, out, { self: b1, sealing: { hash, nonce: () => 'secret-of-b1-0001' } });
    machine.onMessage(message('query-ref', buyer, {}), 1, out);
    const [promised, told] = out.map((each) => (each.kind === 'send' ? each.message.content : null));
    expect(told).toMatchObject({ price: 0.25, nonce: 'secret-of-b1-0001' });
    expect(promised).toEqual({
      commitment: commitmentOf(hash, 'buyer.1', b1, {
        price: 0.25,
        validUntilMs: 5000,
        nonce: 'secret-of-b1-0001',
      }),
    });
    const unable = new Participant(asked, cfp);
    out.length = 0;
    unable.answer(bid, 5000, out);
    expect(sent(out)).toEqual(['refuse buyer']);
  });
});

describe('the participant', () => {
  const cfp = { goal: spec.goal, completeByMs: 300 };
  const start = () => {
    const machine = new Participant(message('cfp', buyer, cfp), cfp);
    const out: ParticipantOutput[] = [];
    machine.answer({ kind: 'propose', price: 0.2, parts: [] }, 1000, out);
    out.length = 0;
    return { machine, out };
  };

  test.each<[Participant['state'], Performative, string]>([
    ['bidding', 'cfp', 'duplicate'],
    ['bidding', 'accept-proposal', 'handled'],
    ['bidding', 'reject-proposal', 'handled'],
    ['bidding', 'cancel', 'handled'],
    ['bidding', 'inform', 'wrong-state'],
    ['bidding', 'query-ref', 'wrong-state'],
    ['executing', 'cfp', 'duplicate'],
    ['executing', 'accept-proposal', 'duplicate'],
    ['executing', 'reject-proposal', 'wrong-state'],
    ['executing', 'cancel', 'handled'],
    ['ended', 'cfp', 'duplicate'],
    ['ended', 'accept-proposal', 'wrong-state'],
    ['ended', 'reject-proposal', 'wrong-state'],
    ['ended', 'cancel', 'late'],
  ])('%s: %s is %s', (state, performative, handling) => {
    const { machine, out } = start();
    if (state === 'executing')
      machine.onMessage(message('accept-proposal', buyer, { award: 'buyer.1' }), 1, out);
    if (state === 'ended') machine.onMessage(message('reject-proposal', buyer, { reason: 'x' }), 1, out);
    expect(machine.state).toBe(state);
    expect(machine.onMessage(message(performative, buyer, { award: 'buyer.1' }), 2, out)).toBe(handling);
    expect(machine.onMessage(message(performative, b2, {}), 2, out)).toBe('wrong-sender');
  });

  test('an accept comes too late once the bid no longer binds; work not done in time is stopped and reported', () => {
    const late = start();
    const accept = message('accept-proposal', buyer, { award: 'buyer.1' });
    expect(late.machine.onMessage(accept, 1001, late.out)).toBe('late');
    expect(sent(late.out)).toEqual(['failure buyer']);
    const slow = start();
    slow.machine.onMessage(accept, 1, slow.out);
    slow.machine.onTime(301, slow.out);
    expect(slow.out.map((each) => each.kind)).toEqual(['execute', 'stop', 'send']);
  });
});
