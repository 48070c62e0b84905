import { Agent } from '../../../core/bdi/agent.ts';
import { compileModel } from '../../../core/bdi/agent-model.ts';
import { capability } from '../../../core/bdi/capability.ts';
import type { AuctionTerms } from '../../../core/bdi/goal.ts';
import { goalType } from '../../../core/bdi/goal.ts';
import { definePlan, done, fail } from '../../../core/bdi/plan.ts';
import { restoreAgent, takeSnapshot } from '../../../core/bdi/snapshot.ts';
import type { TraceDraft, TraceEntry } from '../../../core/bdi/trace.ts';
import { Directory } from '../../../core/negotiation/directory.ts';
import type { AclMessage } from '../../../protocol/acl.ts';
import { agentId } from '../../../protocol/ids.ts';
import { AuctionModule } from '../auction-module.ts';

const dig = goalType<{ hole: number }>('dig', 'achieve', ['hole']);
const fill = goalType<{ hole: number }>('fill', 'achieve', ['hole']);
const garden = goalType<{ hole: number }>('garden', 'achieve', ['hole']);

interface Worker {
  readonly does: readonly ('dig' | 'fill')[];
  readonly load: number;
  readonly active?: boolean;
  readonly fails?: boolean;
  /** Each of its goals is of a capability of its own. */
  readonly apart?: boolean;
}

/** The end of the auction of both goals together, as it is traced. */
function isEnd(draft: TraceDraft): draft is Extract<TraceDraft, { kind: 'auction' }> {
  return (
    draft.kind === 'auction' && draft.goal === 'dig + fill' && !['opened', 'awarded'].includes(draft.status)
  );
}

/** One agent that wants a hole dug and filled, put out together, and workers; messages are carried at once and counted. */
export function bundleMarket(
  workers: readonly Worker[],
  terms: Partial<AuctionTerms> = {},
  activationCpu = 0,
) {
  const directory = new Directory();
  const options = {
    directory,
    mode: 'headroom' as const,
    costWeight: 0.5,
    activationDemand: () => ({ cpu: activationCpu, memoryGb: 0 }),
  };
  const finished: string[] = [];
  const trace: TraceEntry[] = [];
  const bids: Extract<TraceDraft, { kind: 'bid' }>[] = [];
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
          goals: [{ goal: garden, auction: { bidWithinMs: 100, completeWithinMs: 200, bundle, ...terms } }],
        }),
      ],
    }),
    active: ['wants'],
    negotiation: new AuctionModule(options),
    sink: { push: (entry) => trace.push(entry) },
  });
  const agents = workers.map(({ does, load, active = true, fails = false, apart = false }, index) => {
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
        capabilities: apart
          ? goals.map((each) => capability({ name: each.goal.name, offers: [each.goal], goals: [each] }))
          : [capability({ name: 'works', offers: goals.map((each) => each.goal), goals })],
        utility: () => ({ cpu: { used: load, total: 1 }, memoryGb: { used: 0, total: 1 } }),
      }),
      active: active ? ['works'] : [],
      negotiation: new AuctionModule(options),
      sink: { push: (entry) => bids.push(...(entry.draft.kind === 'bid' ? [entry.draft] : [])) },
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
  /** Everybody goes on from a snapshot, in a module that knows nothing else. */
  const crash = () => {
    for (const [id, agent] of all) {
      const { model, sink } = agent.state;
      const negotiation = new AuctionModule(options);
      const parts = sink === undefined ? { model, negotiation } : { model, negotiation, sink };
      all.set(id, restoreAgent(parts, structuredClone(takeSnapshot(agent))));
    }
  };
  const want = () => buyer.post({ kind: 'goal', goal: 'garden', args: { hole: 1 }, from: 'test' });
  const ended = () => trace.flatMap(({ draft }) => (isEnd(draft) ? [draft] : []));
  return { bids, trace, buyer, all, crash, run, want, ended, work: finished, count: () => messages };
}
