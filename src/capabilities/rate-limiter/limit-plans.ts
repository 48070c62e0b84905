import { believe } from '../../core/bdi/belief.ts';
import type { BeliefView } from '../../core/bdi/belief-base.ts';
import type { GoalOutcome, GoalType } from '../../core/bdi/goal.ts';
import type { Action, Plan, StepEffect } from '../../core/bdi/plan.ts';
import { definePlan, done, fail, next, wait } from '../../core/bdi/plan.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { linkRateLimited, targetRateLimited } from '../defence-goals.ts';
import { CONFIRMED_PERIOD_MS, confirm } from './confirmed-class.ts';
import { adoption, inForce, removal, textsIn } from './rules-in-force.ts';

type LimitArgs = {
  link: string;
  rateBytesPerSec: number;
  target?: string;
  award?: string;
  takesOver?: string;
};

/** Sources that have earned a class of their own go into it first, then the rest is limited. */
function limitPlan<A extends LimitArgs>(
  goal: GoalType<A>,
  name: string,
  command: (args: A, self: AgentId, award: string) => Action,
): Plan<A> {
  return definePlan(goal, name, {
    steps: {
      adopt: ({ args, self }) =>
        args.takesOver === undefined
          ? next('spare')
          : wait(
              {
                kind: 'act',
                action: adoption(args.takesOver, args.award, self),
                reason: 'takes the role over',
              },
              'spare',
            ),
      spare: ({ args, result }) => {
        if (!result.ok) return fail(result.error);
        return wait(
          {
            kind: 'act',
            action: { kind: 'measure', query: { kind: 'confirmed', link: args.link } },
            reason: 'whom not to limit',
          },
          'limit',
          { timeoutMs: 150 },
        );
      },
      limit: ({ args, self, result }) => {
        const sources = confirmedIn(result);
        const reason = `won ${goal.name}; ${sources.length} confirmed sources keep a class of their own`;
        const spare: readonly StepEffect[] = sources.length === 0 ? [] : [confirm(args.link, sources)];
        return wait({ kind: 'act', action: command(args, self, args.award ?? 'none'), reason }, 'inForce', {
          effects: spare,
        });
      },
      inForce: ({ args, result, beliefs }) => {
        if (!result.ok) return fail(result.error);
        const rule = ruleOf(args.link, args.target);
        const award = args.award ?? 'none';
        const { link } = args;
        const revision = believe(inForce, award, { link, rules: [rule], goal: goal.name }, `${rule} is set`);
        return done({ rule }, [{ kind: 'revise', revision }, ...beginWatch(link, beliefs)]);
      },
    },
    // Stopped while the data plane was at it: the rule may come into force all the same, with nobody to answer for it.
    onAbort: ({ args }) => [removal(ruleOf(args.link, args.target), args.award)],
  });
}

function beginWatch(link: string, beliefs: BeliefView): readonly StepEffect[] {
  if (beliefs.all(inForce).some((each) => each.value?.link === link)) return [];
  const query = { kind: 'confirmed', link };
  return [
    {
      kind: 'act',
      action: { kind: 'watch', query, periodMs: CONFIRMED_PERIOD_MS },
      reason: 'whom not to limit',
    },
  ];
}

function ruleOf(link: string, target?: string): string {
  return target === undefined ? `limit:${link}` : `limit:${link}:${target}`;
}

/** Sources in a reading of the confirmed; none when it could not be had in time. */
function confirmedIn(result: GoalOutcome): readonly string[] {
  return textsIn(result, 'sources');
}

/** Holds a link to a rate. */
export const limitLink = limitPlan(linkRateLimited, 'limit-link', (args, owner, award) => ({
  kind: 'limit-link',
  rule: ruleOf(args.link),
  award,
  owner,
  link: args.link,
  rateBytesPerSec: args.rateBytesPerSec,
}));

/** Holds what goes to one destination over a link to a rate. */
export const limitTarget = limitPlan(targetRateLimited, 'limit-target', (args, owner, award) => ({
  kind: 'limit-target',
  rule: ruleOf(args.link, args.target),
  award,
  owner,
  link: args.link,
  target: args.target,
  rateBytesPerSec: args.rateBytesPerSec,
}));
