import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takeSnapshot } from '../../core/bdi/snapshot.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import { PERFORMATIVES, PROTOCOLS } from '../../protocol/acl.ts';
import { agentId } from '../../protocol/ids.ts';
import { AuctionModule } from './auction-module.ts';
import { market } from './testing/market.ts';

test.each(['buyer', 'b000'])(
  '10 000 fuzzed messages to %s, half of them valid envelopes out of place, are all handled and counted',
  (name) => {
    const { all, want, run } = market([{ load: 0.1 }, { load: 0.2 }], { leaseMs: 300 });
    want();
    run(0);
    const target = all.get(agentId(name));
    const module = target?.state.negotiation;
    if (target === undefined || !(module instanceof AuctionModule)) throw new Error('every agent bargains');
    const dig1 = { type: 'dig', args: { hole: 1 } };
    const envelopes = fc.sample(
      fc.record({
        performative: fc.constantFrom(...PERFORMATIVES),
        sender: fc.constantFrom(agentId('buyer'), agentId('b000'), agentId('b001'), agentId('stranger')),
        receiver: fc.constant(agentId(name)),
        conversationId: fc.constantFrom('buyer.1', 'buyer.2', 'b000.9', 'x'),
        messageId: fc.string({ minLength: 1, maxLength: 20 }),
        protocol: fc.constantFrom(...PROTOCOLS),
        ontology: fc.constant('muster' as const),
        content: fc.oneof(
          fc.constant({ result: 1 }),
          fc.constant({ reason: 'x', parts: [] }),
          fc.constant({ kind: 'renew', award: 'buyer.1', leaseMs: 300 }),
          fc.constant({ kind: 'release', award: 'buyer.1', reason: 'x' }),
          fc.constant({ price: 0.1, parts: [], validUntilMs: 1e9 }),
          fc.constant({ commitment: '0'.repeat(64) }),
          fc.constant({ offers: [{ goals: [0, 1], price: 0.1 }], validUntilMs: 1e9 }),
          fc.constant({ award: 'x', goals: [0, 3] }),
          fc.constant({ goal: dig1, completeByMs: 1e9 }),
          fc.constant({ goal: dig1, completeByMs: 1e9, sealed: 'commit-reveal' as const }),
          fc.constant({ goal: dig1, bundle: [dig1, { type: 'fly', args: {} }], completeByMs: 1e9 }),
          fc.constant(dig1),
        ),
      }),
      { numRuns: 5000, seed: 1 },
    );
    const garbage = fc.sample(fc.jsonValue({ maxDepth: 4 }), { numRuns: 5000, seed: 2 });
    const total = () => Object.values(module.counters).reduce((sum, each) => sum + each, 0);
    const before = total();
    let taken = 0;
    envelopes.forEach((envelope, index) => {
      // JSON values of any shape stand where a content is expected.
      for (const message of [envelope, { ...envelope, content: garbage[index] as AclMessage['content'] }]) {
        if (target.post({ kind: 'message', message })) taken++;
        target.cycle(1 + index);
      }
    });
    while (target.nextWakeMs() <= target.state.nowMs) target.cycle(target.state.nowMs);
    expect(taken).toBe(10_000);
    expect(total() - before).toBe(10_000);
    expect(target.state.goals.size).toBeLessThan(5);
    expect(takeSnapshot(target).id).toBe(name);
  },
);

test('memory does not grow with hostile messages: after the first of them, ten thousand more change nothing', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  // The bidders keep no trace: what is kept is the agent's own.
  const { agents, want, run } = market([{ load: 0.1 }, { load: 0.2 }], { leaseMs: 300 });
  want();
  run(0);
  const [bidder] = agents;
  const flood = (from: number, count: number) => {
    for (let index = from; index < from + count; index++) {
      const message = {
        performative: PERFORMATIVES[index % PERFORMATIVES.length] ?? 'cfp',
        sender: agentId(`stranger-${index}`),
        receiver: agentId('b000'),
        conversationId: `made-up-${index}`,
        messageId: `stranger-${index}:1`,
        protocol: PROTOCOLS[index % PROTOCOLS.length] ?? 'fipa-contract-net',
        ontology: 'muster' as const,
        replyByMs: 1e12,
        content: { goal: { type: 'dig', args: { hole: index } }, completeByMs: 1e12 },
      };
      bidder?.post({ kind: 'message', message });
      bidder?.cycle(1);
    }
  };
  const heapAfter = (from: number, count: number) => {
    flood(from, count);
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = heapAfter(0, 2000);
  expect(heapAfter(2000, 10_000) - before).toBeLessThan(2_000_000);
});
