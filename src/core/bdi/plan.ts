import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { Revision } from './belief.ts';
import type { BeliefView } from './belief-base.ts';
import type { Goal, GoalArgs, GoalOutcome, GoalType } from './goal.ts';

/** Something to be done in the world; the runtime knows what `kind` means. Plain data. */
export type Action = { readonly kind: string; readonly [key: string]: Json };

/** What a step sets in motion without waiting for it. */
export type StepEffect =
  | { readonly kind: 'act'; readonly action: Action; readonly reason: string }
  | { readonly kind: 'revise'; readonly revision: Revision }
  | {
      readonly kind: 'adopt';
      readonly goal: GoalType;
      readonly args: GoalArgs;
      readonly priority?: number;
      readonly reason: string;
    }
  | { readonly kind: 'tell'; readonly receiver: AgentId; readonly content: Json }
  /** Ends a standing award, held or given. */
  | { readonly kind: 'release'; readonly award: string; readonly reason: string }
  | { readonly kind: 'activate' | 'deactivate'; readonly capability: string; readonly reason: string };

/** What a step can wait for; the answer is the next step's `result`. */
export type Awaited =
  | { readonly kind: 'act'; readonly action: Action; readonly reason: string }
  | { readonly kind: 'pursue'; readonly goal: GoalType; readonly args: GoalArgs; readonly priority?: number }
  | {
      readonly kind: 'request';
      readonly receiver: AgentId;
      readonly content: Json;
      readonly withinMs: number;
    }
  | { readonly kind: 'time'; readonly untilMs: number }
  /** Until the guard of the next step holds. */
  | { readonly kind: 'guard' };

/** Locals of an intention: plain data, so that it can be snapshotted. */
export type Locals = { readonly [key: string]: Json };

export type StepOutcome<S extends string = string> =
  | {
      readonly do: 'next';
      readonly step: S;
      readonly locals?: Locals;
      readonly effects?: readonly StepEffect[];
    }
  | {
      readonly do: 'await';
      readonly what: Awaited;
      readonly then: S;
      /** Awaiting longer than this resumes `then` with a failed result. */
      readonly timeoutMs?: number;
      readonly locals?: Locals;
      readonly effects?: readonly StepEffect[];
    }
  | { readonly do: 'done'; readonly value?: Json; readonly effects?: readonly StepEffect[] }
  | { readonly do: 'fail'; readonly cause: string; readonly effects?: readonly StepEffect[] };

/** What a step may look at. */
export interface StepContext<A extends GoalArgs = GoalArgs> {
  readonly self: AgentId;
  readonly args: A;
  readonly beliefs: BeliefView;
  readonly locals: Locals;
  /** Of what the step before awaited; `{ok: true, value: null}` otherwise. */
  readonly result: GoalOutcome;
  readonly nowMs: number;
  /** The goal it serves: its id, its award if it was won (`args.award`), its priority. */
  readonly goal: Goal;
}

/** A step of a plan: looks, and answers with what to do and which step is next. Must not keep references. */
export type Step<A extends GoalArgs, S extends string> = (context: StepContext<A>) => StepOutcome<NoInfer<S>>;

/** A plan: for which goal, when it applies, what it would cost, and its named steps; the first stated step is the first done. */
export interface Plan<A extends GoalArgs = GoalArgs> {
  readonly name: string;
  readonly goal: GoalType<A>;
  /** undefined: applicable; otherwise why it is not. */
  readonly unless?: (beliefs: BeliefView, args: A) => string | undefined;
  /** Lower is preferred by the default plan selection; default 0. */
  readonly cost?: (beliefs: BeliefView, args: A) => number;
  readonly first: string;
  readonly steps: Readonly<Record<string, (context: StepContext<A>) => StepOutcome>>;
  readonly guards?: {
    readonly [step: string]: ((beliefs: BeliefView, args: A, locals: Locals) => boolean) | undefined;
  };
  /** What to set right when the plan is aborted or its goal dropped half-way. */
  readonly onAbort?: (context: StepContext<A>) => readonly StepEffect[];
}

/**
 * Builds a plan from steps in the order they are stated; `then` and `step` may only name steps that exist.
 *
 *     definePlan(roomWarm, 'heat', {
 *       steps: {
 *         on: () => wait({ kind: 'act', action: { kind: 'heater', on: true }, reason: 'too cold' }, 'check'),
 *         check: ({ result }) => (result.ok ? done() : fail(result.error)),
 *       },
 *     });
 */
export function definePlan<A extends GoalArgs, S extends string>(
  goal: GoalType<A>,
  name: string,
  parts: {
    readonly unless?: (beliefs: BeliefView, args: A) => string | undefined;
    readonly cost?: (beliefs: BeliefView, args: A) => number;
    readonly steps: { readonly [K in S]: Step<A, S> };
    readonly guards?: Readonly<
      Partial<Record<NoInfer<S>, (beliefs: BeliefView, args: A, locals: Locals) => boolean>>
    >;
    readonly onAbort?: (context: StepContext<A>) => readonly StepEffect[];
  },
): Plan<A> {
  const first = Object.keys(parts.steps)[0];
  if (first === undefined) throw new RangeError(`plan ${name} has no step`);
  return { ...parts, name, goal, first };
}

/** Go on with another step, in this cycle if its slice allows. */
export function next<S extends string>(
  step: S,
  locals?: Locals,
  effects?: readonly StepEffect[],
): StepOutcome<S> {
  return {
    do: 'next',
    step,
    ...(locals === undefined ? {} : { locals }),
    ...(effects === undefined ? {} : { effects }),
  };
}

/** Start something and go on with `then` when its answer is there. */
export function wait<S extends string>(
  what: Awaited,
  then: S,
  more: { timeoutMs?: number; locals?: Locals; effects?: readonly StepEffect[] } = {},
): StepOutcome<S> {
  return { do: 'await', what, then, ...more };
}

const DONE: StepOutcome<never> = { do: 'done' };

/** The plan has done its work; `value` is what the goal's asker gets. */
export function done(value?: Json, effects?: readonly StepEffect[]): StepOutcome<never> {
  if (value === undefined && effects === undefined) return DONE;
  return {
    do: 'done',
    ...(value === undefined ? {} : { value }),
    ...(effects === undefined ? {} : { effects }),
  };
}

/** The plan cannot do it, and why; the next best plan is tried. */
export function fail(cause: string, effects?: readonly StepEffect[]): StepOutcome<never> {
  return effects === undefined ? { do: 'fail', cause } : { do: 'fail', cause, effects };
}
