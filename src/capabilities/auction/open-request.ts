import type { AgentModel } from '../../core/bdi/agent-model.ts';
import type { AuctionTerms, GoalArgs, GoalOutcome, GoalType } from '../../core/bdi/goal.ts';
import { goalType } from '../../core/bdi/goal.ts';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { AgentId } from '../../protocol/ids.ts';

/** How a goal that was left of several auctioned together is auctioned alone. */
export type PartTerms = Pick<AuctionTerms, 'bidWithinMs' | 'completeWithinMs'>;

/** Answers whoever waits for an auction's outcome. */
export interface OutcomeListener {
  auctionEnded(token: number, outcome: GoalOutcome, because: Cause, host: NegotiationHost): void;
}

/** What an auction is opened for, and how. */
export interface OpenRequest {
  /** Whose outcome it is: positive of the engine, negative of a part of a bundle, 0: nobody waits for it. */
  readonly token: number;
  readonly goal: GoalType;
  readonly args: GoalArgs;
  readonly terms: AuctionTerms;
  readonly because: Cause;
  readonly conversation: string;
  /** Asked instead of whom the directory knows. */
  readonly only?: readonly AgentId[];
  readonly takesOver?: string;
  /** Agents that had it, or were asked alone for it, and failed: not asked again. */
  readonly lost?: readonly AgentId[];
  /** Why it is asked again. */
  readonly again?: string;
}

/** The goal and terms of an auction that is gone on with. Throws RangeError when the model is not the one that opened it. */
export function auctionedAs(
  name: string,
  terms: PartTerms | undefined,
  model: AgentModel,
): { readonly goal: GoalType; readonly terms: AuctionTerms } {
  const entries = model.goals.get(name);
  if (terms !== undefined) return { goal: entries?.[0]?.decl.goal ?? goalType(name, 'achieve'), terms };
  const decl = entries?.find((each) => each.decl.auction !== undefined)?.decl;
  if (decl?.auction === undefined) throw new RangeError(`the model does not put ${name} out to auction`);
  return { goal: decl.goal, terms: decl.auction };
}
