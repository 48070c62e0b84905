import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InitiatorOutput } from './auction-spec.ts';
import { Initiator } from './initiator.ts';
import type { ParticipantOutput } from './participant.ts';
import { Participant } from './participant.ts';
import { commitmentOf } from './sealing.ts';
import { auction, b1, b2, b3, buyer, message, sent, spec } from './testing/conversation.ts';

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
const sealed = { sealed: 'commit-reveal', revealWithinMs: 50, participants: [b1, b2] } as const;
const reveal = (price: number, nonce = 'n'.repeat(16)) => ({ price, parts: [], validUntilMs: 10_000, nonce });
const promise = (bidder: string, price: number) => ({
  commitment: commitmentOf(hash, 'buyer.1', bidder, reveal(price)),
});

describe('sealed bids', () => {
  test('are told only when all are promised', () => {
    const { out, say } = auction(sealed, hash);
    say('propose', b1, promise('b1', 0.5));
    expect(sent(out)).toEqual([]);
    say('propose', b2, promise('b2', 0.4));
    expect(sent(out)).toEqual(['query-ref b1', 'query-ref b2']);
    say('inform', b1, reveal(0.5));
    say('inform', b2, reveal(0.4));
    expect(sent(out)).toEqual(['accept-proposal b2', 'reject-proposal b1']);
  });

  test('or when the deadline has passed: whoever has not promised by then cannot bid any more', () => {
    const { machine, out, say } = auction({ ...sealed, participants: [b1, b2, b3] }, hash);
    say('propose', b1, promise('b1', 0.5));
    say('propose', b2, promise('b2', 0.4));
    out.length = 0;
    machine.onTime(100, out);
    expect(sent(out)).toEqual(['query-ref b1', 'query-ref b2']);
    expect(say('propose', b3, promise('b3', 0.1), 101)).toBe('late');
    expect(sent(out)).toEqual(['reject-proposal b3']);
    say('inform', b1, reveal(0.5), 102);
    say('inform', b2, reveal(0.4), 102);
    expect(machine.winner).toBe(b2);
  });

  test('with k of them among n participants it takes 2n + 3k + 1 messages, 2n when all refuse', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.integer({ min: 0, max: 9 })), { minLength: 1, maxLength: 12 }),
        (prices) => {
          const participants = prices.map((_, index) => `b${index}` as typeof b1);
          const machine = new Initiator({ ...spec, sealed: 'commit-reveal', participants }, hash);
          const bidders = new Map<string, Participant>();
          let count = 0;
          const carry = (out: readonly InitiatorOutput[]) => {
            for (const each of out) {
              if (each.kind !== 'send') continue;
              count++;
              const { performative, receiver, content } = each.message;
              const asked = message(performative, buyer, content);
              const answer: ParticipantOutput[] = [];
              if (performative === 'cfp') {
                const price = prices[participants.indexOf(receiver)];
                const cfp = { goal: spec.goal, completeByMs: 300, sealed: 'commit-reveal' as const };
                const bidder = new Participant(asked, cfp);
                bidders.set(receiver, bidder);
                const bid =
                  price === null || price === undefined
                    ? { kind: 'refuse' as const, reason: 'busy', parts: [] }
                    : { kind: 'propose' as const, price: price / 10, parts: [] };
                bidder.answer(bid, 5000, answer, {
                  self: receiver,
                  sealing: { hash, nonce: (conversation) => `secret of ${receiver} in ${conversation}` },
                });
              } else bidders.get(receiver)?.onMessage(asked, 1, answer);
              for (const begun of [...answer]) {
                if (begun.kind === 'execute') bidders.get(receiver)?.completed('dug', answer);
              }
              for (const said of answer) {
                if (said.kind !== 'send') continue;
                count++;
                const next: InitiatorOutput[] = [];
                machine.onMessage(
                  message(said.message.performative, receiver, said.message.content),
                  1,
                  next,
                );
                carry(next);
              }
            }
          };
          const out: InitiatorOutput[] = [];
          machine.open(out);
          carry(out);
          const n = prices.length;
          const bids = prices.filter((price) => price !== null);
          expect(machine.state).toBe('closed');
          expect(count).toBe(bids.length === 0 ? 2 * n : 2 * n + 3 * bids.length + 1);
          const won = machine.bids.find((each) => each.outcome === 'won');
          expect(won?.price ?? null).toBe(bids.length === 0 ? null : Math.min(...bids) / 10);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a bidder that has learnt of another’s price cannot change its own any more, to whatever it likes', () => {
    const other = fc.record({
      price: fc.double({ min: 0, max: 1, noNaN: true }),
      validUntilMs: fc.integer({ min: 0, max: 1_000_000 }),
      nonce: fc.string({ minLength: 16, maxLength: 32 }),
    });
    fc.assert(
      fc.property(other, ({ price, validUntilMs, nonce }) => {
        fc.pre(price !== 0.5 || validUntilMs !== 10_000 || nonce !== 'n'.repeat(16));
        const { machine, out, say } = auction(sealed, hash);
        say('propose', b1, promise('b1', 0.5));
        say('propose', b2, promise('b2', 0.4));
        say('inform', b2, reveal(0.4));
        say('inform', b1, { price, validUntilMs, nonce, parts: [] });
        expect(machine.winner).toBe(b2);
        expect(machine.bids.find((each) => each.bidder === b1)).toMatchObject({
          outcome: 'invalid',
          reason: 'what it told is not what it had promised',
        });
        expect(sent(out)).toContain('reject-proposal b1');
      }),
    );
  });

  test('nor can it copy another’s promise, nor keep silent to any use', () => {
    const { machine, say, out } = auction(sealed, hash);
    say('propose', b1, promise('b2', 0.1));
    say('propose', b2, promise('b2', 0.4));
    say('inform', b1, reveal(0.1));
    out.length = 0;
    machine.onTime(1 + 50, out);
    expect(machine.state).toBe('closed');
    expect(sent(out)).toEqual(['reject-proposal b2']);
    expect(machine.bids.map((each) => each.reason)).toEqual([
      'what it told is not what it had promised',
      'has promised a bid and not told it',
    ]);
  });

  test('one that is told too late, or twice, or instead of a promise does not count', () => {
    const { machine, say } = auction(sealed, hash);
    expect(say('propose', b1, { price: 0.1, parts: [], validUntilMs: 10_000 })).toBe('malformed');
    say('propose', b2, promise('b2', 0.4));
    expect(say('inform', b1, reveal(0.1))).toBe('wrong-state');
    expect(say('inform', b2, reveal(0.4), 1 + 51)).toBe('late');
    machine.onTime(1 + 51, []);
    expect(machine.winner).toBeUndefined();
    const twice = auction({ ...sealed, participants: [b1, b2] }, hash);
    twice.say('propose', b1, promise('b1', 0.3));
    twice.say('propose', b2, promise('b2', 0.4));
    expect(twice.say('inform', b1, reveal(0.3))).toBe('handled');
    expect(twice.say('inform', b1, reveal(0.3))).toBe('wrong-state');
  });

  test('are not asked for by an initiator that could not check them', () => {
    const { out } = auction(sealed);
    const reason = 'sealed bids cannot be checked here: no hash function';
    expect(out).toEqual([{ kind: 'closed', outcome: { kind: 'no-bid', reason } }]);
  });

  test('a participant promises, tells on demand, and refuses when it cannot seal', () => {
    const cfp = { goal: spec.goal, completeByMs: 300, sealed: 'commit-reveal' as const };
    const asked = message('cfp', buyer, cfp);
    const bid = { kind: 'propose' as const, price: 0.25, parts: [] };
    const machine = new Participant(asked, cfp);
    const out: ParticipantOutput[] = [];
    machine.answer(bid, 5000, out, { self: b1, sealing: { hash, nonce: () => 'secret-of-b1-0001' } });
    expect(JSON.stringify(out)).not.toContain('0.25');
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
    expect(out).toMatchObject([
      { message: { performative: 'refuse', receiver: buyer, content: { reason: 'cannot seal a bid' } } },
    ]);
  });
});
