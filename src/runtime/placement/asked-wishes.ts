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

/** Wishes that were given up and are remembered: their answers may come late. */
const MOST_LOST = 1000;

interface Asked {
  readonly agent: AgentId;
  /** Which service it is about; undefined: about the agent's book. */
  readonly service: string | undefined;
  readonly timer: Timer;
  readonly ended: (end: WishEnd) => void;
}

/** What has been asked of agents and is not answered yet; every wish ends exactly once. */
export class AskedWishes {
  readonly #options: AskedWishesOptions;
  readonly #open = new Map<number, Asked>();
  readonly #lost = new Map<number, Asked>();
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
      const asked = this.#open.get(number);
      if (asked !== undefined) this.#lose(number, asked, `${agent} has not answered in ${withinMs} ms`);
    });
    const service = 'service' in wish ? wish.service : undefined;
    this.#open.set(number, { agent, service, timer, ended });
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

  /** The service of a wish that was given up and that its agent answers all the same; of each it is told once. */
  takeLate(agent: AgentId, action: unknown): string | undefined {
    const answer = PlacingAnswerSchema.safeParse(action).data;
    const asked = answer === undefined ? undefined : this.#lost.get(answer.wish);
    if (answer === undefined || asked?.agent !== agent) return undefined;
    this.#lost.delete(answer.wish);
    return asked.service;
  }

  /** An agent has ended: what it was asked is lost. */
  lose(agent: AgentId): void {
    const lost = [...this.#open].filter(([, asked]) => asked.agent === agent);
    for (const [number, asked] of lost) this.#close(number, asked);
    for (const [number, asked] of lost) this.#lose(number, asked, `${agent} has ended`);
  }

  close(): void {
    for (const [number, asked] of [...this.#open]) this.#close(number, asked);
  }

  #lose(number: number, asked: Asked, reason: string): void {
    this.#close(number, asked);
    if (asked.service !== undefined) this.#lost.set(number, asked);
    const [oldest] = this.#lost.keys();
    if (this.#lost.size > MOST_LOST && oldest !== undefined) this.#lost.delete(oldest);
    asked.ended({ kind: 'lost', reason });
  }

  #close(number: number, { timer }: Asked): void {
    this.#open.delete(number);
    timer.cancel();
  }
}
