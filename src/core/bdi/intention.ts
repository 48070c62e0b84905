import type { Goal, GoalOutcome } from './goal.ts';
import type { Locals, Plan } from './plan.ts';
import type { Cause } from './trace.ts';

/** A goal that the agent is committed to, the plan it follows, and how far that has got: plain data, functions aside. */
export interface Intention {
  readonly id: number;
  readonly goal: Goal;
  readonly plan: Plan;
  /** The step that is done next. */
  step: string;
  locals: Locals;
  /** What the step gets as its result. */
  result: GoalOutcome;
  /** What it waits for: 0 nothing. */
  token: number;
  waitsFor: 'nothing' | 'act' | 'pursue' | 'request' | 'auction' | 'time' | 'guard';
  /** Its last entry of the trace: what comes next follows from it. */
  entry: Cause;
  /** Since when it could run: ageing counts from here. */
  readySinceMs: number;
  status: 'ready' | 'waiting' | 'ended';
  /** Whether another one was run before it although it could have gone on. */
  preempted: boolean;
}

/** The result of a step that awaited nothing. */
export const NOTHING: GoalOutcome = { ok: true, value: null };
