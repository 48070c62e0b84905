import { AuctionModule } from '../../src/capabilities/auction/auction-module.ts';
import { Agent } from '../../src/core/bdi/agent.ts';
import { compileModel } from '../../src/core/bdi/agent-model.ts';
import { capability } from '../../src/core/bdi/capability.ts';
import { goalType } from '../../src/core/bdi/goal.ts';
import { definePlan, done } from '../../src/core/bdi/plan.ts';
import { Directory } from '../../src/core/negotiation/directory.ts';
import type { AclMessage } from '../../src/protocol/acl.ts';
import { agentId } from '../../src/protocol/ids.ts';
import { ratePerSecond } from './rate.ts';

export const BIDDERS = 100;
const dig = goalType<{ hole: number }>('dig', 'achieve', ['hole']);

/**
 * Auctions among a hundred bidders, each an agent with its own host usage: full envelopes, every content parsed by its schema,
 * deadlines kept, bids worked out, the winner's plan run. Answers messages delivered per second.
 */
export function contractNet(): Record<string, number> {
  const directory = new Directory();
  const options = {
    directory,
    mode: 'headroom' as const,
    costWeight: 0.5,
    activationDemand: () => ({ cpu: 1, memoryGb: 1 }),
  };
  let dug = 0;
  const plan = definePlan(dig, 'dig', {
    steps: {
      go: () => {
        dug++;
        return done('dug');
      },
    },
  });
  const buyer = new Agent({
    id: agentId('buyer'),
    model: compileModel({
      capabilities: [
        capability({
          name: 'wants',
          offers: [],
          goals: [{ goal: dig, auction: { bidWithinMs: 1000, completeWithinMs: 1000 } }],
        }),
      ],
    }),
    active: ['wants'],
    negotiation: new AuctionModule(options),
  });
  const digs = capability({ name: 'digs', offers: [dig], goals: [{ goal: dig, plans: [plan] }] });
  const bidders = Array.from({ length: BIDDERS }, (_, index) => {
    const id = agentId(`b${String(index).padStart(3, '0')}`);
    directory.register(id, ['dig']);
    const usage = { cpu: { used: (index * 37) % 100, total: 100 }, memoryGb: { used: 0, total: 1 } };
    return new Agent({
      id,
      model: compileModel({ capabilities: [digs], utility: () => usage }),
      active: ['digs'],
      negotiation: new AuctionModule(options),
    });
  });
  const all = new Map<string, Agent>([buyer, ...bidders].map((agent) => [agent.id, agent]));
  let delivered = 0;
  const send = (message: AclMessage) => {
    delivered++;
    all.get(message.receiver)?.post({ kind: 'message', message });
  };
  let nowMs = 0;
  const rate = ratePerSecond(() => {
    const before = delivered;
    const dugBefore = dug;
    buyer.post({ kind: 'goal', goal: 'dig', args: { hole: nowMs }, from: 'bench' });
    nowMs += 10;
    for (let busy = true; busy; ) {
      busy = false;
      for (const agent of all.values()) {
        if (agent.nextWakeMs() > nowMs) continue;
        busy = true;
        for (const effect of agent.cycle(nowMs)) if (effect.kind === 'send') send(effect.message);
      }
    }
    if (dug !== dugBefore + 1 || delivered - before !== 3 * BIDDERS + 1) {
      throw new Error(`an auction took ${delivered - before} messages and ${dug - dugBefore} holes`);
    }
    return delivered - before;
  });
  return { perSecond: rate };
}
