import { AuctionModule } from '../../src/capabilities/auction/auction-module.ts';
import { Agent } from '../../src/core/bdi/agent.ts';
import { compileModel } from '../../src/core/bdi/agent-model.ts';
import { beliefType, believe, deny } from '../../src/core/bdi/belief.ts';
import { adopt, capability } from '../../src/core/bdi/capability.ts';
import { perceived, percept, perceptType } from '../../src/core/bdi/event.ts';
import { goalType } from '../../src/core/bdi/goal.ts';
import { definePlan, done, fail, wait } from '../../src/core/bdi/plan.ts';
import type { TraceSink } from '../../src/core/bdi/trace.ts';
import { Directory } from '../../src/core/negotiation/directory.ts';
import { agentId } from '../../src/protocol/ids.ts';

// The paper's Figure 4: flows through a forwarding graph. The agent of a virtual link sees a flow that it does not know, and puts it
// out to auction among the agents of the functions that could take it next; a function that is busy with others bids higher.

/** A flow seen on the virtual link, by its name, and what it takes of whatever function it goes through: processors. */
export const flowSeen = perceptType<{ cpu: number }>('flow-seen');
/** On the link's side: known, and true once somebody has taken it. */
export const flowTakenBy = beliefType<{ cpu: number; by?: string }>('flowTakenBy');
/** On the function's side: it goes through here. */
export const carried = beliefType<{ cpu: number }>('carried');

const flowTaken = goalType<{ flow: string; cpu: number }>('flowTaken', 'achieve', ['flow']);
const flowForwarded = goalType<{ flow: string; cpu: number }>('flowForwarded', 'achieve', ['flow']);

/** The agent of a virtual link: a new flow goes to whoever wins it; the link then forwards it there. */
const virtualLink = capability({
  name: 'virtual-link',
  offers: [],
  goals: [
    {
      goal: flowForwarded,
      plans: [
        definePlan(flowForwarded, 'ask-who-takes-it', {
          steps: {
            ask: ({ args }) => wait({ kind: 'pursue', goal: flowTaken, args: { ...args } }, 'forward'),
            forward: ({ args, result }) => {
              if (!result.ok) return fail(result.error);
              const by = holderIn(result.value);
              const { flow, cpu } = args;
              return done({ by }, [
                { kind: 'revise', revision: believe(flowTakenBy, flow, { cpu, by }, `${by} has won it`) },
                { kind: 'act', action: { kind: 'forward', flow, to: by }, reason: `${by} has won it` },
              ]);
            },
          },
        }),
      ],
    },
    {
      goal: flowTaken,
      auction: {
        bidWithinMs: 50,
        completeWithinMs: 100,
        demand: ({ cpu }: { cpu: number }) => ({ cpu, memoryGb: 0 }),
      },
    },
  ],
  reviseBeliefs: (event, beliefs) => {
    const flow = perceived(flowSeen, event);
    if (flow === undefined || !beliefs.isUnknown(flowTakenBy, event.subject)) return [];
    return [deny(flowTakenBy, event.subject, 'a flow that is not known', { cpu: flow.cpu })];
  },
  generateOptions: (beliefs) =>
    beliefs
      .all(flowTakenBy)
      .filter((each) => each.truth === 'false')
      .map((each) =>
        adopt(flowForwarded, { flow: each.subject, cpu: each.value?.cpu ?? 0 }, 'nobody takes it yet', [
          each.key,
        ]),
      ),
});

/** The agent of a function that flows can go through. */
const networkFunction = capability({
  name: 'network-function',
  offers: [flowTaken],
  goals: [
    {
      goal: flowTaken,
      plans: [
        definePlan(flowTaken, 'take', {
          steps: {
            take: ({ args }) => {
              const { flow, cpu } = args;
              return done({ flow }, [
                { kind: 'revise', revision: believe(carried, flow, { cpu }, 'won it') },
              ]);
            },
          },
        }),
      ],
    },
  ],
});

function holderIn(value: unknown): string {
  return typeof value === 'object' && value !== null && 'holder' in value ? String(value.holder) : '';
}

/** The agents of Figure 4: one for virtual link 1, one for each of the functions that a flow can take after the first. */
export function createForwardingGraph(
  functions: Readonly<Record<string, { cpu: number }>>,
  sink?: TraceSink,
) {
  const directory = new Directory();
  const bargaining = () =>
    new AuctionModule({
      directory,
      mode: 'headroom',
      costWeight: 0.5,
      activationDemand: () => ({ cpu: 0, memoryGb: 0 }),
    });
  const link = new Agent({
    id: agentId('vl1'),
    model: compileModel({ capabilities: [virtualLink] }),
    active: ['virtual-link'],
    negotiation: bargaining(),
    ...(sink === undefined ? {} : { sink }),
  });
  const vnfs = Object.entries(functions).map(([name, { cpu: total }]) => {
    directory.register(agentId(name), [flowTaken.name]);
    return new Agent({
      id: agentId(name),
      model: compileModel({
        capabilities: [networkFunction],
        // U of the paper: how busy its host is with the flows that go through it.
        utility: (beliefs) => {
          const used = beliefs.all(carried).reduce((sum, each) => sum + (each.value?.cpu ?? 0), 0);
          return { cpu: { used, total }, memoryGb: { used: 0, total: 1 } };
        },
      }),
      active: ['network-function'],
      negotiation: bargaining(),
    });
  });
  const agents = new Map<string, Agent>([link, ...vnfs].map((agent) => [agent.id, agent]));
  const forwarded = new Map<string, string>();
  /** Lets everybody reason until nothing is left to do at that time. */
  const run = (nowMs: number): void => {
    for (let busy = true; busy; ) {
      busy = false;
      for (const agent of agents.values()) {
        if (agent.nextWakeMs() > nowMs) continue;
        busy = true;
        for (const effect of agent.cycle(nowMs)) {
          if (effect.kind === 'send') {
            agents.get(effect.message.receiver)?.post({ kind: 'message', message: effect.message });
          } else if (effect.kind === 'act' && effect.action.kind === 'forward') {
            forwarded.set(String(effect.action['flow']), String(effect.action['to']));
          }
        }
      }
    }
  };
  const see = (flow: string, cpu: number) => link.post(percept(flowSeen, flow, { cpu }));
  return { link, agents, forwarded, see, run };
}
