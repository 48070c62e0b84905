import type { Revision } from './belief.ts';
import type { BeliefView } from './belief-base.ts';
import type { Percept } from './event.ts';
import type { AnyGoalDecl, Goal, GoalArgs, GoalType } from './goal.ts';
import type { Plan } from './plan.ts';

/** A goal that an option generation function proposes, or wants dropped. */
export type Option =
  | {
      readonly kind: 'adopt';
      readonly goal: GoalType;
      readonly args: GoalArgs;
      readonly priority?: number;
      readonly reason: string;
      /** Keys of the beliefs that it rests on, for `why`. */
      readonly from: readonly string[];
    }
  | { readonly kind: 'drop'; readonly goal: GoalType; readonly subject: string; readonly reason: string };

/** Adopts a goal; `from` are the keys of the beliefs that it rests on. */
export function adopt<A extends GoalArgs>(
  goal: GoalType<A>,
  args: A,
  reason: string,
  from: readonly string[] = [],
  priority?: number,
): Option {
  return { kind: 'adopt', goal, args, reason, from, ...(priority === undefined ? {} : { priority }) };
}

/** Drops a goal, its intention and what that had begun. */
export function drop(goal: GoalType, subject: string, reason: string): Option {
  return { kind: 'drop', goal, subject, reason };
}

/** Verdict of a filtering function: pursue the goal now, or not, and why. */
export type FilterVerdict = { readonly pursue: true } | { readonly pursue: false; readonly reason: string };

/** One plan that could serve a goal, as the plan selection function sees it. */
export interface PlanCandidate {
  readonly plan: Plan;
  readonly cost: number;
}

/**
 * Definition 1 of the paper: <B, G, P, B, O, F, P, C>. A module of beliefs, goals and plans with its own functions, that an
 * agent can have active or merely know. C is given the goal that it prices, F sees the beliefs, P may answer none
 * (agents.md, item 2).
 */
export interface Capability {
  readonly name: string;
  /** Types of goals that others may ask of an agent that knows this capability (its interface). */
  readonly offers: readonly GoalType[];
  readonly goals: readonly AnyGoalDecl[];
  /** B: applied event after event, so that each change knows what caused it. */
  readonly reviseBeliefs?: (event: Percept, beliefs: BeliefView, nowMs: number) => readonly Revision[];
  /** O: run when a belief has changed or `nowMs` has reached the time that it asked for. */
  readonly generateOptions?: (beliefs: BeliefView, goals: GoalView, nowMs: number) => readonly Option[];
  /** F: asked for each option of this capability's goals. Default: pursue. */
  readonly filterGoals?: (goal: Goal, beliefs: BeliefView) => FilterVerdict;
  /** P: chooses among applicable plans; undefined: none of them. Default: cheapest, first stated on a tie. */
  readonly selectPlan?: (
    candidates: readonly PlanCandidate[],
    beliefs: BeliefView,
    goal: Goal,
  ) => PlanCandidate | undefined;
  /** C in [0, 1]: what reaching this goal costs the agent, and of which parts that consists. Default 0. */
  readonly cost?: (beliefs: BeliefView, goal: GoalType, args: GoalArgs) => Cost;
}

/** A cost in [0, 1] with the parts that add up to it. */
export interface Cost {
  readonly value: number;
  readonly parts: readonly { readonly name: string; readonly value: number; readonly detail?: string }[];
}

/** What an option generation function may know of the goals that the agent has. */
export interface GoalView {
  has(goal: GoalType, subject: string): boolean;
  count(goal: GoalType): number;
}

/** Declares a capability. */
export function capability(parts: Capability): Capability {
  return parts;
}
