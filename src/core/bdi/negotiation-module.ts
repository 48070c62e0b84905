import type { AclMessage, MessageDraft } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { AgentModel } from './agent-model.ts';
import type { Revision } from './belief.ts';
import type { BeliefView } from './belief-base.ts';
import type { AuctionTerms, GoalArgs, GoalOutcome, GoalType } from './goal.ts';
import type { Cause, TraceDraft } from './trace.ts';

/** What the engine gives to its negotiation module while it calls it. */
export interface NegotiationHost {
  readonly self: AgentId;
  readonly nowMs: number;
  readonly model: AgentModel;
  readonly beliefs: BeliefView;
  readonly tracing: boolean;
  /** Tokens up to this one were given in earlier lives of this agent; 0: this is its first. */
  readonly lastTokenBefore: number;
  isActive(capability: string): boolean;
  /** Activates a capability that the agent knows; false when it does not know it. */
  activate(capability: string, reason: string, because: readonly Cause[]): boolean;
  /** Deactivates it as soon as it has no goal left: what it began it sets right first. Activating it again calls this off. */
  deactivateWhenIdle(capability: string, reason: string, because: readonly Cause[]): void;
  /** Whether it is active only until it has cleaned up. */
  isRetiring(capability: string): boolean;
  /** Sends a message; answers its id, which is also the id of its journal entry. */
  send(draft: MessageDraft, because: readonly Cause[]): string;
  /** Answers an intention that waits for this token. */
  resolve(token: number, outcome: GoalOutcome, because: Cause): void;
  /** Has the agent pursue a goal by its own plans; its end comes to `goalEnded` with the token that is answered here. */
  pursue(goal: GoalType, args: GoalArgs, priority: number, because: Cause): number;
  /** Drops a goal that was begun by `pursue`. */
  abandon(token: number, reason: string): void;
  /** Makes something known to the agent's belief revision. */
  perceive(topic: string, subject: string, value: unknown, because: Cause): void;
  revise(revision: Revision, source: string, because: Cause): void;
  trace(because: readonly Cause[], draft: TraceDraft): number;
}

/** How an agent bargains. The engine knows no protocol: the built-in auction capability supplies this. */
export interface NegotiationModule {
  onMessage(message: AclMessage, entry: number, host: NegotiationHost): void;
  onTime(host: NegotiationHost): void;
  /** Infinity: nothing to wait for. */
  nextDeadlineMs(): number;
  /** Puts a goal out to auction; its end resolves the token. */
  auction(
    token: number,
    goal: GoalType,
    args: GoalArgs,
    terms: AuctionTerms,
    because: Cause,
    host: NegotiationHost,
  ): void;
  /** Asks one agent for something and resolves the token with its answer. */
  request(
    token: number,
    receiver: AgentId,
    content: Json,
    withinMs: number,
    because: Cause,
    host: NegotiationHost,
  ): void;
  /** Tells one agent something, without an answer. */
  tell(receiver: AgentId, content: Json, because: Cause, host: NegotiationHost): void;
  /** A goal begun by `host.pursue` has ended. */
  goalEnded(token: number, outcome: GoalOutcome, because: Cause, host: NegotiationHost): void;
  /** The intention that waited for this token is gone. */
  abort(token: number, reason: string, host: NegotiationHost): void;
  /** What it is in the midst of, as structured-cloneable data; between two cycles. */
  snapshot(): unknown;
  /** Goes on from a snapshot that a module of the same kind gave. */
  restore(data: unknown, model: AgentModel): void;
  /** Gives an award back, or takes back one that was given. */
  release(award: string, reason: string, because: Cause, host: NegotiationHost): void;
}
