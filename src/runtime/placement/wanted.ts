import {
  serviceImproved,
  servicePlaced,
  serviceWithdrawn,
} from '../../capabilities/service-placement/service-placement.ts';
import { capability } from '../../core/bdi/capability.ts';
import type { GoalArgs, GoalType } from '../../core/bdi/goal.ts';
import { goalType } from '../../core/bdi/goal.ts';
import { definePlan, done, fail, wait } from '../../core/bdi/plan.ts';
import type { Json } from '../../protocol/journal.ts';

/** What an operator wants of an agent that places services. */
export type Wanted = 'place' | 'withdraw' | 'improve';

const GOALS: Readonly<Record<string, GoalType>> = {
  place: servicePlaced,
  withdraw: serviceWithdrawn,
  improve: serviceImproved,
};

/** A goal of service placement that somebody outside waits for: how it ended is told by an action, `report`. */
export const wanted = goalType<{ service: string; what: string; args: Json }>('wanted', 'achieve', [
  'service',
  'what',
]);

const ask = definePlan(wanted, 'ask-and-report', {
  steps: {
    ask: ({ args }) => {
      const goal = GOALS[args.what];
      if (goal === undefined || !isArgs(args.args)) return fail(`no such thing can be wanted: ${args.what}`);
      return wait({ kind: 'pursue', goal, args: args.args }, 'report');
    },
    report: ({ args, result }) => {
      const { service, what } = args;
      const value = result.ok ? result.value : result.error;
      const action = { kind: 'report', service, what, ok: result.ok, value };
      return done(null, [{ kind: 'act', action, reason: 'somebody outside waits for it' }]);
    },
  },
});

export const client = capability({ name: 'client', offers: [], goals: [{ goal: wanted, plans: [ask] }] });

function isArgs(value: Json): value is GoalArgs {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
