import { beliefType, believe } from '../../core/bdi/belief.ts';
import type { BeliefView } from '../../core/bdi/belief-base.ts';
import type { Capability } from '../../core/bdi/capability.ts';
import { capability } from '../../core/bdi/capability.ts';
import { perceived } from '../../core/bdi/event.ts';
import { goalType } from '../../core/bdi/goal.ts';
import { definePlan, done, fail, wait } from '../../core/bdi/plan.ts';
import type { HostBooking } from '../percepts.ts';
import { hostUsed } from '../percepts.ts';

type FunctionArgs = { name: string; kind: string; cpu: number; memoryGb: number };

/** A network function runs on some host and its capability is active there. */
export const functionPlaced = goalType<FunctionArgs>('functionPlaced', 'achieve', ['name']);
/** The operator wants a function placed somewhere: put out to auction by whoever is asked. */
export const functionWanted = goalType<FunctionArgs>('functionWanted', 'achieve', ['name']);

/** Processors and memory of the agent's host: taken and there. */
export const hostUsage = beliefType<HostBooking>('hostUsage');
/** A function that this agent looks after. */
export const placed = beliefType<{ kind: string; cpu: number; memoryGb: number }>('placed');

const place = definePlan(functionPlaced, 'place-on-own-host', {
  unless: (beliefs, args) => {
    const usage = beliefs.value(hostUsage, 'self');
    if (usage === undefined) return 'nothing is known of the host';
    const short =
      usage.cpu.used + args.cpu > usage.cpu.total ||
      usage.memoryGb.used + args.memoryGb > usage.memoryGb.total;
    return short ? 'the host has no room for it any more' : undefined;
  },
  steps: {
    book: ({ args, beliefs }) => {
      const { name, kind, cpu, memoryGb } = args;
      return wait(
        {
          kind: 'act',
          action: { kind: 'place-function', name, function: kind, cpu, memoryGb },
          reason: `won the auction for ${name}`,
        },
        'started',
        {
          effects: [
            {
              kind: 'revise',
              revision: believe(
                hostUsage,
                'self',
                booked(beliefs, cpu, memoryGb),
                `books ${cpu} CPU and ${memoryGb} GiB for ${name}`,
              ),
            },
          ],
        },
      );
    },
    started: ({ args, result, beliefs }) => {
      const { name, kind, cpu, memoryGb } = args;
      if (!result.ok) {
        const freed = believe(hostUsage, 'self', booked(beliefs, -cpu, -memoryGb), `${name} did not start`);
        return fail(result.error, [{ kind: 'revise', revision: freed }]);
      }
      return done({ name }, [
        { kind: 'revise', revision: believe(placed, name, { kind, cpu, memoryGb }, 'runs on this host') },
        { kind: 'activate', capability: kind, reason: `plays the role of ${name}` },
      ]);
    },
  },
});

function booked(beliefs: BeliefView, cpu: number, memoryGb: number): HostBooking {
  const usage = beliefs.value(hostUsage, 'self');
  if (usage === undefined) return { cpu: { used: cpu, total: 0 }, memoryGb: { used: memoryGb, total: 0 } };
  return {
    cpu: { used: usage.cpu.used + cpu, total: usage.cpu.total },
    memoryGb: { used: usage.memoryGb.used + memoryGb, total: usage.memoryGb.total },
  };
}

/** Built into every agent: places functions on the agent's host and keeps the book of what they take. */
export const orchestrator = capability({
  name: 'orchestrator',
  offers: [functionPlaced],
  goals: [{ goal: functionPlaced, plans: [place] }],
  reviseBeliefs: (event) => {
    const usage = perceived(hostUsed, event);
    return usage === undefined ? [] : [believe(hostUsage, 'self', usage, 'told by the infrastructure')];
  },
});

/** The same for an agent that knows how to play these roles: functions of other kinds would run on its host, and nobody would look after them. */
export function orchestratorFor(kinds: readonly string[]): Capability {
  const impossible = (_: BeliefView, { kind }: FunctionArgs): string | undefined =>
    kinds.includes(kind) ? undefined : `does not know how to play ${kind}`;
  return capability({ ...orchestrator, goals: [{ goal: functionPlaced, plans: [place], impossible }] });
}

const negotiate = definePlan(functionWanted, 'put-out-to-auction', {
  steps: {
    ask: ({ args }) => wait({ kind: 'pursue', goal: functionPlaced, args }, 'won'),
    won: ({ result }) => (result.ok ? done(result.value) : fail(result.error)),
  },
});

/** Built into every agent: opens the auctions for functions that an operator wants. Bidding is the module's work. */
export const auctioneer = capability({
  name: 'auction',
  offers: [],
  goals: [
    { goal: functionWanted, plans: [negotiate], retry: { times: 2, backoffMs: 200 } },
    {
      goal: functionPlaced,
      auction: {
        bidWithinMs: 500,
        completeWithinMs: 30_000,
        demand: ({ cpu, memoryGb }) => ({ cpu, memoryGb }),
      },
    },
  ],
});
