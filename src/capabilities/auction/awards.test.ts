import { describe, expect, test } from 'vitest';
import { Agent } from '../../core/bdi/agent.ts';
import { compileModel } from '../../core/bdi/agent-model.ts';
import { Directory } from '../../core/negotiation/directory.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { LeaseContent } from '../../protocol/contract-net.ts';
import { agentId } from '../../protocol/ids.ts';
import { AuctionModule } from './auction-module.ts';
import { market } from './testing/market.ts';

const LEASE = { leaseMs: 300 };

/** A market in which the award `buyer.1` is held by b000; time goes on in steps of 50 ms. */
function awarded(bidders: Parameters<typeof market>[0] = [{ load: 0.1 }, { load: 0.5 }]) {
  const made = market(bidders, LEASE);
  const from = { nowMs: 0 };
  const until = (endMs: number, lose?: (message: AclMessage) => boolean) => {
    for (; from.nowMs <= endMs; from.nowMs += 50) made.run(from.nowMs, lose);
  };
  made.want();
  until(0);
  const lease = (sender: string, receiver: string, content: LeaseContent): void => {
    made.all.get(agentId(receiver))?.post({
      kind: 'message',
      message: {
        performative: content.kind === 'confirmed' ? 'confirm' : 'inform',
        sender: agentId(sender),
        receiver: agentId(receiver),
        conversationId: content.award,
        messageId: `${sender}:1`,
        protocol: 'muster-lease',
        ontology: 'muster',
        content,
      },
    });
    made.run(from.nowMs - 50);
  };
  const statuses = () =>
    made.trace.flatMap(({ draft }) => (draft.kind === 'award' ? [`${draft.status} ${draft.holder}`] : []));
  const heldBy = () =>
    made.modules.flatMap((each, index) => (each.awards.countHeld() > 0 ? [`b00${index}`] : []));
  return { ...made, until, lease, statuses, heldBy };
}

const isLease =
  (kind: LeaseContent['kind']) =>
  ({ protocol, content }: AclMessage) =>
    protocol === 'muster-lease' && JSON.stringify(content).includes(`"${kind}"`);

describe('a standing award', () => {
  test('is renewed four times within each lease, and each renewal is confirmed', () => {
    const { until, heldBy, statuses } = awarded();
    const kinds: string[] = [];
    until(1000, (message) => {
      for (const kind of ['renew', 'confirmed', 'release'] as const) {
        if (isLease(kind)(message)) kinds.push(kind);
      }
      return false;
    });
    expect(kinds).toEqual(Array.from({ length: 13 }, () => ['renew', 'confirmed']).flat());
    expect(heldBy()).toEqual(['b000']);
    expect(statuses()).toEqual(['granted b000']);
  });

  test('outlives two lost renewals, and the loss of every second one for ever', () => {
    const { until, statuses } = awarded();
    let lost = 0;
    until(500, (message) => isLease('renew')(message) && ++lost <= 2);
    let turn = 0;
    until(4000, (message) => isLease('renew')(message) && ++turn % 2 === 0);
    expect(statuses()).toEqual(['granted b000']);
  });

  test('moves to the next best when its holder dies, which is told what it takes over', () => {
    const { until, dead, buyerModule, dug, statuses } = awarded();
    until(2000);
    expect(dug).toEqual(['b000']);
    dead.add('b000');
    until(2700);
    expect(dug).toEqual(['b000', 'b001']);
    expect(buyerModule.awards.has('buyer.1/')).toBe(true);
    expect(statuses()).toEqual(['granted b000', 'lapsed b000', 'moved b001']);
  });

  test('that lapsed although its holder lives is taken back from it when it renews again', () => {
    const { until, heldBy, statuses } = awarded();
    until(500, (message) => message.sender === 'b000' && isLease('renew')(message));
    expect(statuses()).toEqual(['granted b000', 'lapsed b000', 'moved b001']);
    until(700);
    expect(heldBy()).toEqual(['b001']);
  });

  test('that nobody else can take is lost, and whoever relies on the role hears of it', () => {
    const { until, dead, buyerModule, trace } = awarded([{ load: 0.1 }]);
    dead.add('b000');
    until(400);
    expect(buyerModule.awards.has('buyer.1')).toBe(false);
    const failed = trace.some(({ draft }) => draft.kind === 'award' && draft.status === 'lapsed');
    expect(failed).toBe(true);
    expect(buyerModule.nextDeadlineMs()).toBe(Number.POSITIVE_INFINITY);
  });

  test('is orphaned when nothing is confirmed for two leases', () => {
    const { until, heldBy, dead } = awarded([{ load: 0.1 }]);
    until(200);
    expect(heldBy()).toEqual(['b000']);
    dead.add('buyer');
    until(700);
    expect(heldBy()).toEqual(['b000']);
    until(900);
    expect(heldBy()).toEqual([]);
  });

  test('given back by its initiator is over on both sides', () => {
    const { until, release, heldBy, buyerModule, statuses, dug } = awarded();
    release('buyer.1');
    until(1000);
    expect(heldBy()).toEqual([]);
    expect(buyerModule.awards.has('buyer.1')).toBe(false);
    expect(statuses()).toEqual(['granted b000', 'released b000']);
    expect(dug).toEqual(['b000']);
  });

  test('given back by its holder goes to the next best', () => {
    const { until, release, heldBy, agents, dug } = awarded();
    release('buyer.1', agents[0]);
    until(100);
    expect(heldBy()).toEqual(['b001']);
    expect(dug).toEqual(['b000', 'b001']);
  });

  test('is neither kept, ended nor confirmed by anybody else', () => {
    const { lease, buyerModule, modules, heldBy, until, dead } = awarded();
    lease('b001', 'buyer', { kind: 'renew', award: 'buyer.1', leaseMs: 300 });
    lease('b001', 'buyer', { kind: 'release', award: 'buyer.1', reason: 'mine' });
    expect(buyerModule.counters['wrong-sender']).toBe(2);
    expect(buyerModule.awards.has('buyer.1')).toBe(true);
    lease('b001', 'b000', { kind: 'confirmed', award: 'buyer.1' });
    lease('b001', 'b000', { kind: 'release', award: 'buyer.1', reason: 'mine' });
    expect(modules[0]?.counters['wrong-sender']).toBe(2);
    expect(heldBy()).toEqual(['b000']);
    // Nor does a stranger's renewal put off the lapse of an award whose holder is gone.
    dead.add('b000');
    until(250);
    lease('b001', 'buyer', { kind: 'renew', award: 'buyer.1', leaseMs: 300 });
    until(350);
    expect(buyerModule.awards.has('buyer.1')).toBe(false);
  });

  test('that was never given is taken back from whoever renews it', () => {
    const { lease, buyerModule, modules, until } = awarded();
    lease('b001', 'buyer', { kind: 'renew', award: 'made-up', leaseMs: 300 });
    expect(buyerModule.counters.late).toBe(1);
    until(50);
    // The release that it gets; it holds no such award.
    expect(modules[1]?.counters.late).toBe(1);
  });
});

describe('a capability that was activated for an award', () => {
  const isActive = (agents: readonly { state: { active: readonly boolean[] } }[]) =>
    agents[0]?.state.active[0];

  test.each([
    ['was activated for it', true, false],
    ['was active before', false, true],
  ])('is, once it is given back, as it was when it %s', (_, inactive, after) => {
    const { until, release, agents } = awarded([{ load: 0.1, inactive }]);
    until(1000);
    expect(isActive(agents)).toBe(true);
    release('buyer.1');
    until(1200);
    expect(isActive(agents)).toBe(after);
    expect(agents[0]?.state.goals.size).toBe(0);
  });

  test('goes when the award is orphaned, and when its holder gives it back', () => {
    const orphaned = awarded([{ load: 0.1, inactive: true }]);
    orphaned.dead.add('buyer');
    orphaned.until(900);
    expect(isActive(orphaned.agents)).toBe(false);
    const returned = awarded([{ load: 0.1, inactive: true }]);
    returned.release('buyer.1', returned.agents[0]);
    returned.until(100);
    expect(isActive(returned.agents)).toBe(false);
  });

  test('goes after a single piece of work, done or failed', () => {
    for (const fails of [false, true]) {
      const { want, run, agents, dug } = market([{ load: 0.1, inactive: true, fails }]);
      want();
      run(0);
      expect(dug).toHaveLength(fails ? 0 : 1);
      expect(isActive(agents)).toBe(false);
    }
  });

  test('is bid for again, once gone, at the price of activating', () => {
    const { want, run, agents, dug, closings } = market([{ load: 0.1, inactive: true }]);
    want();
    run(0);
    expect(isActive(agents)).toBe(false);
    want(2);
    run(10);
    expect(dug).toHaveLength(2);
    const prices = closings().map((each) => each.bids[0]?.price);
    expect(prices[1]).toBe(prices[0]);
    expect(closings()[1]?.bids[0]?.parts).toContainEqual(expect.objectContaining({ name: 'activation' }));
  });

  test('stays as long as another award needs it', () => {
    const { until, want, release, agents, modules, heldBy } = awarded([{ load: 0.1, inactive: true }]);
    want(2);
    until(100);
    expect(modules[0]?.awards.countHeld()).toBe(2);
    release('buyer.1');
    until(300);
    expect(heldBy()).toEqual(['b000']);
    expect(isActive(agents)).toBe(true);
    release('buyer.2');
    until(500);
    expect(heldBy()).toEqual([]);
    expect(isActive(agents)).toBe(false);
  });

  test('first sets right what it had begun; until then it is active', () => {
    const { until, release, agents, acts } = awarded([{ load: 0.1, inactive: true, tidies: true }]);
    release('buyer.1');
    until(500);
    expect(acts).toHaveLength(1);
    expect(isActive(agents)).toBe(true);
    const [asked] = acts;
    asked?.agent.post({ kind: 'result', token: asked.token, outcome: { ok: true, value: null } });
    until(600);
    expect(isActive(agents)).toBe(false);
    expect(agents[0]?.state.goals.size).toBe(0);
  });

  test('won again while it sets things right, it stays', () => {
    const { until, want, release, agents, acts } = awarded([{ load: 0.1, inactive: true, tidies: true }]);
    release('buyer.1');
    until(100);
    want(2);
    until(200);
    const [asked] = acts;
    asked?.agent.post({ kind: 'result', token: asked.token, outcome: { ok: true, value: null } });
    until(500);
    expect(isActive(agents)).toBe(true);
    release('buyer.2');
    until(600);
    acts[1]?.agent.post({ kind: 'result', token: acts[1].token, outcome: { ok: true, value: null } });
    until(700);
    expect(isActive(agents)).toBe(false);
  });
});

describe('an award of an earlier life', () => {
  /** What an agent in its second life answers to the renewal of an award that it does not know. */
  function answersTo(award: string): readonly string[] {
    const self = agentId('a1');
    const negotiation = new AuctionModule({
      directory: new Directory(),
      mode: 'headroom',
      costWeight: 0.5,
      activationDemand: () => ({ cpu: 0, memoryGb: 0 }),
    });
    const agent = new Agent({ id: self, model: compileModel({ capabilities: [] }), negotiation, life: 2 });
    agent.post({
      kind: 'message',
      message: {
        performative: 'inform',
        sender: agentId('b000'),
        receiver: self,
        conversationId: award,
        messageId: 'b000:1',
        protocol: 'muster-lease',
        ontology: 'muster',
        content: { kind: 'renew', award, leaseMs: 300 },
      },
    });
    return agent
      .cycle(0)
      .flatMap((effect) => (effect.kind === 'send' ? [JSON.stringify(effect.message.content)] : []));
  }

  test('is neither confirmed nor ended: what is in force stays until its lease is over or it is given anew', () => {
    expect(answersTo('a1.17')).toEqual([]);
    expect(answersTo('a1.17//')).toEqual([]);
  });

  test('one of this life, or of nobody, is ended: its holder must not go on', () => {
    for (const award of ['a1.100000017', 'a2.17', 'a1.none']) {
      expect(answersTo(award)).toEqual([expect.stringContaining('"release"')]);
    }
  });
});
