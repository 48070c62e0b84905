import type { AclMessage } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { GoalArgs, GoalOutcome } from './goal.ts';
import type { Action } from './plan.ts';
import type { Cause } from './trace.ts';

declare const perceptValue: unique symbol;

/** A kind of percept: a name and the type of what is perceived. */
export interface PerceptType<V> {
  readonly topic: string;
  /** Never present at run time: carries the type of the value. */
  readonly [perceptValue]?: V;
}

export function perceptType<V>(topic: string): PerceptType<V> {
  return { topic };
}

/** Something perceived: a measurement, or news from the runtime. */
export interface Percept {
  readonly kind: 'percept';
  readonly topic: string;
  readonly subject: string;
  readonly value: unknown;
}

/** The value of a percept if it is of that kind. The one place where a percept's value gets its type: its maker is typed by `percept`. */
export function perceived<V>(type: PerceptType<V>, event: Percept): V | undefined {
  return event.topic === type.topic ? (event.value as V) : undefined;
}

/** Makes a percept. */
export function percept<V>(type: PerceptType<V>, subject: string, value: V): Percept {
  return { kind: 'percept', topic: type.topic, subject, value };
}

/** Everything that reaches an agent from outside. */
export type AgentEvent =
  | Percept
  | { readonly kind: 'message'; readonly message: AclMessage }
  /** The answer to an action; `token` names it. */
  | { readonly kind: 'result'; readonly token: number; readonly outcome: GoalOutcome }
  /** A goal given by the operator or by another program. */
  | {
      readonly kind: 'goal';
      readonly goal: string;
      readonly args: GoalArgs;
      readonly priority?: number;
      readonly from: string;
    }
  | { readonly kind: 'drop-goal'; readonly key: string; readonly from: string };

/** Everything that an agent asks of the outside; carried out by the runtime. */
export type Effect =
  | {
      readonly kind: 'act';
      /** To be answered by a `result` event with this token; 0: no answer is waited for. */
      readonly token: number;
      readonly action: Action;
      readonly reason: string;
      /** Trace id of the action's entry. */
      readonly entry: number;
    }
  | { readonly kind: 'abort'; readonly token: number; readonly reason: string }
  | { readonly kind: 'send'; readonly message: AclMessage };

export type { AgentId, Cause, Json };
