import { Agent } from '../../../core/bdi/agent.ts';
import { compileModel } from '../../../core/bdi/agent-model.ts';
import { beliefType, believe, forget } from '../../../core/bdi/belief.ts';
import type { Capability } from '../../../core/bdi/capability.ts';
import { adopt, capability } from '../../../core/bdi/capability.ts';
import { perceived } from '../../../core/bdi/event.ts';
import type { AuctionTerms } from '../../../core/bdi/goal.ts';
import { goalType } from '../../../core/bdi/goal.ts';
import { definePlan, done, fail, wait } from '../../../core/bdi/plan.ts';
import type { TraceEntry } from '../../../core/bdi/trace.ts';
import { Directory } from '../../../core/negotiation/directory.ts';
import type { Sealing } from '../../../core/negotiation/sealing.ts';
import type { AclMessage } from '../../../protocol/acl.ts';
import { agentId } from '../../../protocol/ids.ts';
import { awardEnded } from '../../percepts.ts';
import { AuctionModule } from '../auction-module.ts';

export const dig = goalType<{ hole: number }>('dig', 'achieve', ['hole']);
const tidied = goalType<{ award: string }>('tidied', 'achieve', ['award']);
const untidy = beliefType<string>('untidy');

export interface Bidder {
  /** Share of its processors in use. */
  readonly load: number;
  readonly fails?: boolean;
  /** Its capability is not active from the start. */
  readonly inactive?: boolean;
  /** Once an award is over it has to tidy up, by an action that the test answers. */
  readonly tidies?: boolean;
}

function digs(dug: string[], id: string, { fails, tidies }: Bidder): Capability {
  const plan = definePlan(dig, 'dig', {
    steps: {
      go: () => {
        if (fails === true) return fail('hit a rock');
        dug.push(id);
        return done('dug');
      },
    },
  });
  const tidy = definePlan(tidied, 'tidy', {
    steps: {
      begin: ({ args }) =>
        wait(
          { kind: 'act', action: { kind: 'remove-award', award: args.award }, reason: 'the award is over' },
          'end',
        ),
      end: ({ args }) => done(null, [{ kind: 'revise', revision: forget(untidy, args.award, 'tidied up') }]),
    },
  });
  return capability({
    name: 'digs',
    offers: [dig],
    goals: [
      { goal: dig, plans: [plan] },
      { goal: tidied, plans: [tidy] },
    ],
    reviseBeliefs: (event) => {
      const ended = tidies === true ? perceived(awardEnded, event) : undefined;
      return ended === undefined ? [] : [believe(untidy, event.subject, ended.reason, 'the award is over')];
    },
    generateOptions: (beliefs) =>
      beliefs.all(untidy).map(({ subject: award }) => adopt(tidied, { award }, 'nothing may be left behind')),
  });
}

/** A market: one agent that wants a hole dug, and bidders with different loads; messages are carried in order, at once. */
export function market(bidders: readonly Bidder[], terms: Partial<AuctionTerms> = {}, sealing?: Sealing) {
  const directory = new Directory();
  const options = {
    directory,
    mode: 'headroom' as const,
    costWeight: 0.5,
    activationDemand: () => ({ cpu: 0, memoryGb: 0 }),
    ...(sealing === undefined ? {} : { sealing }),
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
  const modules: AuctionModule[] = [];
  const agents = bidders.map((bidder, index) => {
    const id = agentId(`b${String(index).padStart(3, '0')}`);
    const usage = { cpu: { used: bidder.load, total: 1 }, memoryGb: { used: 0, total: 1 } };
    const model = compileModel({ capabilities: [digs(dug, id, bidder)], utility: () => usage });
    directory.register(id, ['dig']);
    const active = bidder.inactive === true ? [] : ['digs'];
    const negotiation = new AuctionModule(options);
    modules.push(negotiation);
    return new Agent({ id, model, active, negotiation });
  });
  const all = new Map([buyer, ...agents].map((agent) => [agent.id, agent]));
  const dead = new Set<string>();
  const acts: { readonly agent: Agent; readonly token: number }[] = [];
  let messages = 0;
  const run = (nowMs: number, lose: (message: AclMessage) => boolean = () => false) => {
    for (let busy = true; busy; ) {
      busy = false;
      for (const agent of all.values()) {
        if (dead.has(agent.id) || agent.nextWakeMs() > nowMs) continue;
        busy = true;
        for (const effect of agent.cycle(nowMs)) {
          if (effect.kind === 'act') acts.push({ agent, token: effect.token });
          if (effect.kind !== 'send') continue;
          messages++;
          if (!lose(effect.message))
            all.get(effect.message.receiver)?.post({ kind: 'message', message: effect.message });
        }
      }
    }
  };
  const want = (hole = 1) => buyer.post({ kind: 'goal', goal: 'dig', args: { hole }, from: 'test' });
  const closings = () =>
    trace.flatMap(({ draft }) =>
      draft.kind === 'auction' && !['opened', 'awarded'].includes(draft.status) ? [draft] : [],
    );
  /** One side gives a standing award up, by itself. */
  const release = (award: string, of: Agent = buyer) => {
    const { host, negotiation } = of.state;
    if (host === undefined) throw new Error('every agent of the market can bargain');
    negotiation?.release(award, 'no longer needed', 0, host);
    // Plans release within a cycle; here one is asked for.
    of.post({ kind: 'percept', topic: 'released', subject: award, value: null });
  };
  return {
    buyer,
    buyerModule,
    agents,
    modules,
    all,
    dead,
    acts,
    dug,
    trace,
    run,
    want,
    closings,
    release,
    count: () => messages,
  };
}
