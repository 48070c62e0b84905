import { describe, expect, test } from 'vitest';
import { Agent } from '../../core/bdi/agent.ts';
import { compileModel } from '../../core/bdi/agent-model.ts';
import { capability } from '../../core/bdi/capability.ts';
import { goalType } from '../../core/bdi/goal.ts';
import { definePlan, done, fail } from '../../core/bdi/plan.ts';
import { restoreAgent, takeSnapshot } from '../../core/bdi/snapshot.ts';
import type { TraceEntry } from '../../core/bdi/trace.ts';
import { Directory } from '../../core/negotiation/directory.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import { agentId } from '../../protocol/ids.ts';
import { AuctionModule } from './auction-module.ts';

const dig = goalType<{ hole: number }>('dig', 'achieve', ['hole']);
const fill = goalType<{ hole: number }>('fill', 'achieve', ['hole']);
const garden = goalType<{ hole: number }>('garden', 'achieve', ['hole']);

interface Worker {
  readonly does: readonly ('dig' | 'fill')[];
  readonly load: number;
  readonly active?: boolean;
  readonly fails?: boolean;
}

/** One agent that wants a hole dug and filled, put out together, and workers; messages are carried at once and counted. */
function market(workers: readonly Worker[]) {
  const directory = new Directory();
  const options = {
    directory,
    mode: 'headroom' as const,
    costWeight: 0.5,
    activationDemand: () => ({ cpu: 0, memoryGb: 0 }),
  };
  const finished: string[] = [];
  const trace: TraceEntry[] = [];
  const bundle = ({ hole }: { hole: number }) => [
    { type: 'dig', args: { hole } },
    { type: 'fill', args: { hole } },
  ];
  const buyer = new Agent({
    id: agentId('buyer'),
    model: compileModel({
      capabilities: [
        capability({
          name: 'wants',
          offers: [],
          goals: [{ goal: garden, auction: { bidWithinMs: 100, completeWithinMs: 200, bundle } }],
        }),
      ],
    }),
    active: ['wants'],
    negotiation: new AuctionModule(options),
    sink: { push: (entry) => trace.push(entry) },
  });
  const agents = workers.map(({ does, load, active = true, fails = false }, index) => {
    const id = agentId(`w${index}`);
    const goals = does.map((name) => {
      const goal = name === 'dig' ? dig : fill;
      const go = () => {
        if (fails) return fail('hit a rock');
        finished.push(`${id} ${name}`);
        return done(`${name} by ${id}`);
      };
      return { goal, plans: [definePlan(goal, name, { steps: { go } })] as const };
    });
    directory.register(id, does);
    return new Agent({
      id,
      model: compileModel({
        capabilities: [capability({ name: 'works', offers: goals.map((each) => each.goal), goals })],
        utility: () => ({ cpu: { used: load, total: 1 }, memoryGb: { used: 0, total: 1 } }),
      }),
      active: active ? ['works'] : [],
      negotiation: new AuctionModule(options),
    });
  });
  const all = new Map<string, Agent>([buyer, ...agents].map((agent) => [agent.id, agent]));
  let messages = 0;
  const run = (nowMs: number, lost: (message: AclMessage) => boolean = () => false) => {
    for (let busy = true; busy; ) {
      busy = false;
      for (const agent of all.values()) {
        if (agent.nextWakeMs() > nowMs) continue;
        busy = true;
        for (const effect of agent.cycle(nowMs)) {
          if (effect.kind !== 'send') continue;
          messages++;
          const { message } = effect;
          if (!lost(message)) all.get(message.receiver)?.post({ kind: 'message', message });
        }
      }
    }
  };
  const want = () => buyer.post({ kind: 'goal', goal: 'garden', args: { hole: 1 }, from: 'test' });
  const ended = () =>
    trace.flatMap(({ draft }) => (draft.kind === 'auction' && draft.status !== 'opened' ? [draft] : []));
  return { buyer, all, options, run, want, ended, work: finished, count: () => messages };
}

describe('goals auctioned together', () => {
  test('go to those who do them cheapest in all, each by its own plans', () => {
    const { run, want, work, ended, count } = market([
      { does: ['dig'], load: 0.1 },
      { does: ['fill'], load: 0.2 },
      { does: ['dig', 'fill'], load: 0.6 },
    ]);
    want();
    run(0);
    expect([...work].sort()).toEqual(['w0 dig', 'w1 fill']);
    expect(ended()).toMatchObject([{ status: 'completed', reason: 'all reached by w0, w1' }]);
    // 3 cfp, 3 proposals, 2 acceptances, 1 rejection, 2 results.
    expect(count()).toBe(11);
  });

  test('go to one agent when activating a capability is then paid once instead of twice', () => {
    const { run, want, work } = market([
      { does: ['dig'], load: 0.1, active: false },
      { does: ['fill'], load: 0.1, active: false },
      { does: ['dig', 'fill'], load: 0.15, active: false },
    ]);
    want();
    run(0);
    expect([...work].sort()).toEqual(['w2 dig', 'w2 fill']);
  });

  test('that nobody can cover fail at once, and nothing is begun', () => {
    const { run, want, work, ended } = market([{ does: ['dig'], load: 0.1 }]);
    want();
    run(0);
    expect(work).toEqual([]);
    expect(ended()).toMatchObject([{ status: 'failed', reason: 'no set of offers reaches every goal' }]);
  });

  test('of which one fails are told by name; a silent winner is waited for until the deadline and called off', () => {
    const failing = market([
      { does: ['dig'], load: 0.1, fails: true },
      { does: ['fill'], load: 0.1 },
    ]);
    failing.want();
    failing.run(0);
    expect(failing.work).toEqual(['w1 fill']);
    expect(failing.ended()[0]).toMatchObject({ status: 'failed', reason: 'w0: hit a rock; left: dig' });
    const silent = market([
      { does: ['dig'], load: 0.1 },
      { does: ['fill'], load: 0.1 },
    ]);
    silent.want();
    silent.run(0, (message) => message.performative === 'accept-proposal' && message.receiver === 'w0');
    expect(silent.ended()).toEqual([]);
    silent.run(200);
    expect(silent.ended()[0]).toMatchObject({
      status: 'failed',
      reason: 'did not report in time; left: dig',
    });
  });

  test('survive a crash of everybody between the award and the results', () => {
    const { all, options, run, want, work, ended } = market([
      { does: ['dig'], load: 0.1 },
      { does: ['fill'], load: 0.2 },
    ]);
    want();
    const held: AclMessage[] = [];
    run(0, (message) => {
      if (message.performative !== 'accept-proposal') return false;
      held.push(message);
      return true;
    });
    for (const [id, agent] of all) {
      const { model, sink } = agent.state;
      const negotiation = new AuctionModule(options);
      const parts = sink === undefined ? { model, negotiation } : { model, negotiation, sink };
      all.set(id, restoreAgent(parts, takeSnapshot(agent)));
    }
    for (const message of held) all.get(message.receiver)?.post({ kind: 'message', message });
    run(1);
    expect([...work].sort()).toEqual(['w0 dig', 'w1 fill']);
    expect(ended()).toMatchObject([{ status: 'completed' }]);
  });
});
