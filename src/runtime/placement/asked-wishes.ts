import { wished } from '../../capabilities/service-placement/placing-wishes.ts';
import type { AgentEvent } from '../../core/bdi/event.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { PlacedService } from '../../protocol/placed-service.ts';
import type { PlacingWish } from '../../protocol/placing.ts';
import { MAX_WISH_CHARS, PlacingAnswerSchema } from '../../protocol/placing.ts';

export type WishEnd =
  | { readonly kind: 'granted'; readonly placed: PlacedService | null }
  | { readonly kind: 'refused'; readonly error: string }
  /** Nobody will answer it: the agent has ended, or is silent. */
  | { readonly kind: 'lost'; readonly reason: string };

export interface AskedWishesOptions {
  readonly clock: Clock;
  /** Hands an agent something to want: over the daemon of its site. */
  post(agent: AgentId, event: AgentEvent): void;
}

interface Asked {
  readonly agent: AgentId;
  readonly timer: Timer;
  readonly ended: (end: WishEnd) => void;
}

/** What has been asked of agents and is not answered yet; every wish ends exactly once. */
export class AskedWishes {
  readonly #options: AskedWishesOptions;
  readonly #open = new Map<number, Asked>();
  #number = 0;

  constructor(options: AskedWishesOptions) {
    this.#options = options;
  }

  ask(agent: AgentId, wish: PlacingWish, withinMs: number, ended: (end: WishEnd) => void): void {
    const chars = JSON.stringify(wish).length;
    if (chars > MAX_WISH_CHARS) {
      const error = `it takes ${chars} characters to ask for it, and an agent takes at most ${MAX_WISH_CHARS}`;
      ended({ kind: 'refused', error });
      return;
    }
    const { clock, post } = this.#options;
    const number = ++this.#number;
    const timer = clock.at(clock.nowMs() + withinMs, () => {
      if (this.#open.delete(number))
        ended({ kind: 'lost', reason: `${agent} has not answered in ${withinMs} ms` });
    });
    this.#open.set(number, { agent, timer, ended });
    // Plain data of a schema.
    const args = { wish: number, content: wish as Json };
    post(agent, { kind: 'goal', goal: wished.name, args, from: 'operator' });
  }

  /** Takes the action by which an agent answers; a text: why it is none. */
  take(agent: AgentId, action: unknown): string | undefined {
    const parsed = PlacingAnswerSchema.safeParse(action);
    if (!parsed.success) return 'its answer cannot be read';
    const answer = parsed.data;
    const asked = this.#open.get(answer.wish);
    if (asked === undefined) return 'nobody waits for that answer any more';
    if (asked.agent !== agent) return `it answers what ${asked.agent} was asked`;
    this.#close(answer.wish, asked);
    asked.ended(
      answer.ok ? { kind: 'granted', placed: answer.placed } : { kind: 'refused', error: answer.error },
    );
    return undefined;
  }

  /** An agent has ended: what it was asked is lost. */
  lose(agent: AgentId): void {
    const lost = [...this.#open].filter(([, asked]) => asked.agent === agent);
    for (const [number, asked] of lost) this.#close(number, asked);
    for (const [, asked] of lost) asked.ended({ kind: 'lost', reason: `${agent} has ended` });
  }

  close(): void {
    for (const [number, asked] of [...this.#open]) this.#close(number, asked);
  }

  #close(number: number, { timer }: Asked): void {
    this.#open.delete(number);
    timer.cancel();
  }
}
