import { beliefType, forget } from '../../core/bdi/belief.ts';
import type { GoalOutcome } from '../../core/bdi/goal.ts';
import { goalType } from '../../core/bdi/goal.ts';
import type { Action, StepEffect } from '../../core/bdi/plan.ts';
import { definePlan, done, fail, wait } from '../../core/bdi/plan.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';

/** A limit or the blocks of an award that this agent has in force. */
export const inForce = beliefType<{ link: string; rules: readonly string[]; goal: string }>('inForce');
/** An award of whose rules nothing may stay. */
export const awardOver = beliefType<{ reason: string }>('awardOver');

/** Nothing of an award that is over stays in force. */
export const rulesRemoved = goalType<{ award: string; reason: string }>('rulesRemoved', 'achieve', ['award']);

/** A rule serves that award no more. */
export const ruleLifted = goalType<{ rule: string; award: string; reason: string }>('ruleLifted', 'achieve', [
  'rule',
  'award',
]);

/** Of a rule that serves this award still: another holder may have set it anew. */
export function removal(rule: string, award = 'none'): StepEffect {
  return { kind: 'act', action: { kind: 'remove-rule', rule, award }, reason: 'its award was not kept' };
}

/** Takes over what is in force under another award. */
export function adoption(fromAward: string, toAward: string | undefined, owner: AgentId): Action {
  return { kind: 'adopt-rules', fromAward, toAward: toAward ?? fromAward, owner };
}

/** A list of names in what an action has answered; empty: there is none. */
export function textsIn(result: GoalOutcome, field: string): readonly string[] {
  if (!result.ok || typeof result.value !== 'object' || result.value === null) return [];
  const list: Json | undefined =
    field in result.value ? Object.entries(result.value).find(([name]) => name === field)?.[1] : undefined;
  return Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : [];
}

/** Has all lifted that was in force under an award, every rule by a goal of its own: none waits for another, or fails with it. */
export const removeRules = definePlan(rulesRemoved, 'remove-rules', {
  steps: {
    begin: ({ args, beliefs }) => {
      const { award, reason } = args;
      const value = beliefs.value(inForce, award);
      const settled: StepEffect[] = [
        { kind: 'revise', revision: forget(inForce, award, reason) },
        { kind: 'revise', revision: forget(awardOver, award, 'settled') },
      ];
      if (value === undefined) return done(undefined, settled);
      const used = beliefs
        .all(inForce)
        .some((each) => each.subject !== award && each.value?.link === value.link);
      if (!used) {
        const query = { kind: 'confirmed', link: value.link };
        settled.push({ kind: 'act', action: { kind: 'unwatch', query }, reason });
      }
      for (const rule of value.rules) {
        settled.push({ kind: 'adopt', goal: ruleLifted, args: { rule, award, reason }, priority: 7, reason });
      }
      return done(undefined, settled);
    },
  },
});

/** Lifts one rule. */
export const liftRule = definePlan(ruleLifted, 'lift-rule', {
  steps: {
    lift: ({ args: { rule, award, reason } }) =>
      wait({ kind: 'act', action: { kind: 'remove-rule', rule, award }, reason }, 'lifted'),
    lifted: ({ result }) => (result.ok ? done() : fail(result.error)),
  },
});
