import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Agent } from '../../core/bdi/agent.ts';
import { compileModel } from '../../core/bdi/agent-model.ts';
import { capability } from '../../core/bdi/capability.ts';
import type { AuctionTerms } from '../../core/bdi/goal.ts';
import { goalType } from '../../core/bdi/goal.ts';
import { definePlan, done, fail } from '../../core/bdi/plan.ts';
import { takeSnapshot } from '../../core/bdi/snapshot.ts';
import type { TraceEntry } from '../../core/bdi/trace.ts';
import { Directory } from '../../core/negotiation/directory.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import { PERFORMATIVES, PROTOCOLS } from '../../protocol/acl.ts';
import { agentId } from '../../protocol/ids.ts';
import { AuctionModule } from './auction-module.ts';

const dig = goalType<{ hole: number }>('dig', 'achieve', ['hole']);

interface Bidder {
  readonly load: number;
  readonly fails?: boolean;
  readonly inactive?: boolean;
}

/** A market: one agent that wants a hole dug, and bidders with different loads; messages are carried in order, at once. */
function market(bidders: readonly Bidder[], terms: Partial<AuctionTerms> = {}) {
  const directory = new Directory();
  const options = {
    directory,
    mode: 'headroom' as const,
    costWeight: 0.5,
    activationDemand: () => ({ cpu: 0, memoryGb: 0 }),
  };
  const dug: string[] = [];
  const trace: TraceEntry[] = [];
  const wanting = capability({
    name: 'wants',
    offers: [],
    goals: [{ goal: dig, auction: { bidWithinMs: 100, completeWithinMs: 200, ...terms } }],
  });
  const buyerModule = new AuctionModule(options);
  const buyer = new Agent({
    id: agentId('buyer'),
    model: compileModel({ capabilities: [wanting] }),
    active: ['wants'],
    negotiation: buyerModule,
    sink: { push: (entry) => trace.push(entry) },
  });
  const agents = bidders.map(({ load, fails, inactive }, index) => {
    const id = agentId(`b${String(index).padStart(3, '0')}`);
    const plan = definePlan(dig, 'dig', {
      steps: {
        go: () => {
          if (fails === true) return fail('hit a rock');
          dug.push(id);
          return done('dug');
        },
      },
    });
    const usage = { cpu: { used: load, total: 1 }, memoryGb: { used: 0, total: 1 } };
    const model = compileModel({
      capabilities: [capability({ name: 'digs', offers: [dig], goals: [{ goal: dig, plans: [plan] }] })],
      utility: () => usage,
    });
    directory.register(id, ['dig']);
    const active = inactive === true ? [] : ['digs'];
    return new Agent({ id, model, active, negotiation: new AuctionModule(options) });
  });
  const all = new Map([buyer, ...agents].map((agent) => [agent.id, agent]));
  const dead = new Set<string>();
  let messages = 0;
  const run = (nowMs: number, lose: (message: AclMessage) => boolean = () => false) => {
    for (let busy = true; busy; ) {
      busy = false;
      for (const agent of all.values()) {
        if (dead.has(agent.id) || agent.nextWakeMs() > nowMs) continue;
        busy = true;
        for (const effect of agent.cycle(nowMs)) {
          if (effect.kind !== 'send') continue;
          messages++;
          if (!lose(effect.message))
            all.get(effect.message.receiver)?.post({ kind: 'message', message: effect.message });
        }
      }
    }
  };
  const want = () => buyer.post({ kind: 'goal', goal: 'dig', args: { hole: 1 }, from: 'test' });
  const closings = () =>
    trace.flatMap(({ draft }) =>
      draft.kind === 'auction' && !['opened', 'awarded'].includes(draft.status) ? [draft] : [],
    );
  return { buyer, buyerModule, agents, all, dead, dug, run, want, closings, count: () => messages };
}

describe('an auction', () => {
  test('the lowest price wins, whatever the order of the bidders', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 12 }),
        (loads) => {
          const { want, run, dug } = market(loads.map((load) => ({ load: load / 100 })));
          want();
          run(0);
          const best = loads.indexOf(Math.min(...loads));
          expect(dug).toEqual([`b${String(best).padStart(3, '0')}`]);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('takes 2n + k + 1 messages with k bids and a winner that completes, 2n when all refuse', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), (willing) => {
        // A host that is over its capacity refuses.
        const { want, run, count, closings } = market(willing.map((yes) => ({ load: yes ? 0.5 : 1.5 })));
        want();
        run(0);
        const n = willing.length;
        const k = willing.filter(Boolean).length;
        expect(count()).toBe(k === 0 ? 2 * n : 2 * n + k + 1);
        expect(closings().map((each) => each.status)).toEqual([k === 0 ? 'no-bid' : 'completed']);
      }),
      { numRuns: 50 },
    );
  });

  test('ties do not always go to the same agent', () => {
    const winners = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const { buyer, run, dug, want } = market([{ load: 0.5 }, { load: 0.5 }, { load: 0.5 }]);
      buyer.state.lastToken = i;
      want();
      run(0);
      for (const each of dug) winners.add(each);
    }
    expect(winners.size).toBe(3);
  });

  test('bids over the reserve price win nothing', () => {
    const { want, run, dug, closings } = market([{ load: 0.9 }], { reservePrice: 0.1 });
    want();
    run(0);
    expect(dug).toEqual([]);
    expect(closings()[0]?.bids[0]?.reason).toContain('reserve price');
  });

  test('is decided at the deadline without those who are silent, and a late bid is rejected as late', () => {
    const { want, run, dug, all, buyer } = market([{ load: 0.1 }, { load: 0.5 }]);
    let held: AclMessage | undefined;
    want();
    run(0, (message) => {
      if (message.performative !== 'propose' || message.sender !== 'b000') return false;
      held = message;
      return true;
    });
    expect(dug).toEqual([]);
    run(100);
    expect(dug).toEqual(['b001']);
    const sent: AclMessage[] = [];
    if (held !== undefined) all.get(buyer.id)?.post({ kind: 'message', message: held });
    run(101, (message) => {
      sent.push(message);
      return false;
    });
    expect(sent.map((each) => [each.performative, each.receiver])).toEqual([['reject-proposal', 'b000']]);
  });

  test('a winner that fails, or is silent past its deadline, is followed by the next best', () => {
    const failing = market([{ load: 0.1, fails: true }, { load: 0.5 }, { load: 0.7 }]);
    failing.want();
    failing.run(0);
    expect(failing.dug).toEqual(['b001']);
    const dying = market([{ load: 0.1 }, { load: 0.5 }]);
    dying.want();
    dying.run(0, (message) => message.performative === 'accept-proposal' && message.receiver === 'b000');
    dying.dead.add('b000');
    dying.run(200);
    expect(dying.dug).toEqual(['b001']);
  });

  test('a duplicate accept executes once and is answered again', () => {
    const { want, run, dug, all } = market([{ load: 0.1 }]);
    let accept: AclMessage | undefined;
    want();
    run(0, (message) => {
      if (message.performative === 'accept-proposal') accept = message;
      return false;
    });
    const informs: AclMessage[] = [];
    if (accept !== undefined) all.get(agentId('b000'))?.post({ kind: 'message', message: accept });
    run(1, (message) => {
      informs.push(message);
      return false;
    });
    expect(dug).toEqual(['b000']);
    expect(informs[0]?.performative).toBe('inform');
  });
});

describe('a standing award', () => {
  test('is kept by renewals and moves to the next best when its holder dies', () => {
    const { want, run, dead, buyerModule, agents, dug } = market([{ load: 0.1 }, { load: 0.5 }], {
      leaseMs: 300,
    });
    want();
    for (let t = 0; t <= 2000; t += 50) run(t);
    expect(dug).toEqual(['b000']);
    dead.add(agents[0]?.id ?? '');
    for (let t = 2050; t <= 2700; t += 50) run(t);
    expect(dug).toEqual(['b000', 'b001']);
    expect(buyerModule.awards.has('buyer.1/')).toBe(true);
  });

  test.each([
    ['was activated for it', true, false],
    ['was active before', false, true],
  ])('given back leaves the capability that %s as it was before', (_, inactive, after) => {
    const { want, run, buyer, buyerModule, agents } = market([{ load: 0.1, inactive }], { leaseMs: 300 });
    const [holder] = agents;
    const isActive = () => holder?.state.active[0];
    expect(isActive()).toBe(!inactive);
    want();
    for (let t = 0; t <= 1000; t += 50) run(t);
    expect(isActive()).toBe(true);
    const { host } = buyer.state;
    if (host === undefined) throw new Error('the buyer can bargain');
    buyerModule.release('buyer.1', 'no longer needed', 0, host);
    for (let t = 1050; t <= 1200; t += 50) run(t);
    expect(isActive()).toBe(after);
    expect(holder?.state.goals.size).toBe(0);
  });

  test('that took its holder’s activation is bid for again at the price of activating', () => {
    const { want, run, buyer, buyerModule, agents, dug } = market([{ load: 0.1, inactive: true }]);
    want();
    run(0);
    expect(dug).toHaveLength(1);
    // A single piece of work is no role: nothing needs the capability once it is done.
    expect(agents[0]?.state.active[0]).toBe(false);
    buyer.post({ kind: 'goal', goal: 'dig', args: { hole: 2 }, from: 'test' });
    run(10);
    expect(dug).toHaveLength(2);
    expect(buyerModule.auctionsOpened).toBe(2);
  });

  test('is orphaned when the initiator dies, and its holder hears of it', () => {
    const { want, run, dead, buyer, agents } = market([{ load: 0.1 }], { leaseMs: 300 });
    want();
    for (let t = 0; t <= 500; t += 50) run(t);
    dead.add(buyer.id);
    for (let t = 550; t <= 1500; t += 50) run(t);
    const module = agents[0]?.state.negotiation;
    expect(module instanceof AuctionModule && module.awards.countHeld()).toBe(0);
  });
});

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
