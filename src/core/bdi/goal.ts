import type { Json } from '../../protocol/journal.ts';
import type { BeliefView } from './belief-base.ts';
import type { Capability } from './capability.ts';
import type { Intention } from './intention.ts';
import type { Plan } from './plan.ts';
import type { Cause } from './trace.ts';

/**
 * - `achieve`: make something true; done when `achieved` says so, or when its plan ends if that is not stated.
 * - `query` (`?x`): find out; done when the belief is true or false.
 * - `maintain`: keep something so; its plan runs whenever `achieved` does not hold; it ends only when dropped.
 * - `perform`: carry out a plan, once, whatever comes of it.
 */
export type GoalKind = 'achieve' | 'query' | 'maintain' | 'perform';

export type GoalArgs = { readonly [key: string]: Json };

declare const argsOf: unique symbol;

/** A type of goal: its name, kind and arguments. Two goals of one type with the same subject are the same goal. */
export interface GoalType<A extends GoalArgs = GoalArgs> {
  readonly name: string;
  readonly kind: GoalKind;
  readonly subjectOf: (args: GoalArgs) => string;
  /** Never present at run time: carries the type of the arguments. */
  readonly [argsOf]?: A;
}

/** Declares a type of goal; `subject` names the argument (or joins those) that identifies one. */
export function goalType<A extends GoalArgs>(
  name: string,
  kind: GoalKind,
  subject: readonly (keyof A & string)[] = [],
): GoalType<A> {
  const first = subject[0];
  if (first === undefined) return { name, kind, subjectOf: () => '' };
  if (subject.length === 1) return { name, kind, subjectOf: (args) => String(args[first]) };
  return { name, kind, subjectOf: (args) => subject.map((each) => String(args[each])).join(',') };
}

/** How a goal that nobody here can reach is put out to auction. */
export interface AuctionTerms<A extends GoalArgs = GoalArgs> {
  /** Highest price that is accepted; bids are in [0, 1]. */
  readonly reservePrice?: number;
  readonly bidWithinMs: number;
  readonly completeWithinMs: number;
  /** The winner holds the award until it releases it or misses a renewal; absent: a single piece of work. */
  readonly leaseMs?: number;
  /** What the winner's host must have room for. */
  readonly demand?: (args: A) => { readonly cpu: number; readonly memoryGb: number };
  /** Goals that are auctioned together in its place: bidders price sets of them, the cheapest exact cover wins. */
  readonly bundle?: (args: A) => readonly { readonly type: string; readonly args: GoalArgs }[];
  /** Bids are promised before any is told. */
  readonly sealed?: 'commit-reveal';
  /** Default: first price; `second-price` credits the winner with the next lowest. */
  readonly pricing?: 'first-price' | 'second-price';
}

interface GoalRules<A extends GoalArgs> {
  readonly goal: GoalType<A>;
  /** Higher is more urgent; default 0. */
  readonly priority?: number;
  /** Given up as expired so long after it was adopted. */
  readonly deadlineMs?: number;
  /** At most so many of this type pursued at once; others wait. Default: no bound. */
  readonly cardinality?: number;
  /** A reason not to pursue it now (it stays an option), or undefined. */
  readonly inhibited?: (beliefs: BeliefView, args: A) => string | undefined;
  readonly achieved?: (beliefs: BeliefView, args: A) => boolean;
  /** A reason why it can no longer be reached, or undefined. */
  readonly impossible?: (beliefs: BeliefView, args: A) => string | undefined;
  /** After all plans have failed: start over at most `times` more, waiting `backoffMs`, doubled each time. */
  readonly retry?: { readonly times: number; readonly backoffMs: number };
}

/** A goal is declared with its plans, or as one to be auctioned; with neither it does not compile. */
export type GoalDecl<A extends GoalArgs = GoalArgs> = GoalRules<A> &
  (
    | { readonly plans: readonly [Plan<A>, ...Plan<A>[]]; readonly auction?: never }
    | { readonly plans?: never; readonly auction: AuctionTerms<A> }
  );

// biome-ignore lint/suspicious/noExplicitAny: declared zone: a list of declarations with different arguments each
export type AnyGoalDecl = GoalDecl<any>;

/** A goal that an agent has. */
export interface Goal {
  readonly id: number;
  readonly decl: AnyGoalDecl;
  /** The capability whose declaration it is. */
  readonly capability: Capability;
  readonly args: GoalArgs;
  /** `type(subject)`. */
  readonly key: string;
  readonly priority: number;
  readonly createdMs: number;
  readonly deadlineMs: number;
  readonly cause: Cause;
  /** Tokens to answer when it ends: intentions' or negotiations'. */
  waiters: readonly number[];
  /** Names of plans that have failed for it since the last retry. */
  excluded: readonly string[];
  retries: number;
  /** Not to be taken up before this (back-off). */
  notBeforeMs: number;
  status: 'option' | 'pursued' | 'idle' | 'ended';
  intention: Intention | undefined;
  /** Why it was last not taken up; '' when never. */
  heldBack: string;
}

/** How a goal ended. */
export type GoalOutcome =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly error: string };
