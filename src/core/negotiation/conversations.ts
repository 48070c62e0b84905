import { Deadlines } from './deadlines.ts';

/** Ended conversations remembered at most, and for how long, so that duplicates are known as such. */
const MAX_ENDED = 64;
const MEMORY_MS = 10_000;

export interface ConversationMemory {
  readonly ended: readonly { readonly id: string; readonly endedMs: number }[];
  readonly peers: readonly (readonly [string, string])[];
}

/** One role's conversations by their id: with deadlines, and a memory of those that have ended. */
export class Conversations<T extends object> {
  readonly #all = new Map<string, T>();
  readonly #deadlines = new Deadlines<T>();
  #ended: { readonly id: string; readonly endedMs: number }[] = [];
  #forgotten = 0;
  /** Of conversations that came to nothing only their peer is remembered. */
  readonly #peers = new Map<string, string>();

  get size(): number {
    return this.#all.size;
  }

  /** Those that have a deadline. */
  get open(): number {
    return this.#deadlines.size;
  }

  get(id: string): T | undefined {
    return this.#all.get(id);
  }

  values(): IterableIterator<T> {
    return this.#all.values();
  }

  add(id: string, conversation: T, deadlineMs: number): void {
    this.#all.set(id, conversation);
    this.#deadlines.set(conversation, deadlineMs);
  }

  setDeadline(conversation: T, deadlineMs: number): void {
    this.#deadlines.set(conversation, deadlineMs);
  }

  /** Infinity: nothing to wait for. */
  earliestMs(): number {
    return this.#deadlines.earliestMs();
  }

  due(nowMs: number): readonly T[] {
    return this.#deadlines.due(nowMs);
  }

  end(id: string, conversation: T, nowMs: number): void {
    this.#deadlines.delete(conversation);
    this.#ended.push({ id, endedMs: nowMs });
  }

  /** The same for one that came to nothing: all that is remembered is with whom it was. */
  drop(id: string, conversation: T, peer: string, nowMs: number): void {
    this.end(id, conversation, nowMs);
    this.#all.delete(id);
    this.#peers.set(id, peer);
  }

  /** With whom a conversation was that came to nothing not long ago. */
  droppedPeer(id: string): string | undefined {
    return this.#peers.get(id);
  }

  /** All but the conversations themselves: what is remembered of those that have ended. */
  memory(): ConversationMemory {
    return { ended: this.#ended.slice(this.#forgotten), peers: [...this.#peers] };
  }

  recall({ ended, peers }: ConversationMemory): void {
    this.#ended.push(...ended);
    for (const [id, peer] of peers) this.#peers.set(id, peer);
  }

  /** Forgets what ended long ago, and those that ended first when there are too many; `kept` conversations stay. */
  forget(nowMs: number, kept: (id: string) => boolean): void {
    for (;;) {
      const first = this.#ended[this.#forgotten];
      if (first === undefined) return;
      if (nowMs - first.endedMs <= MEMORY_MS && this.#ended.length - this.#forgotten <= MAX_ENDED) return;
      this.#forgotten++;
      if (this.#forgotten > 1024) {
        this.#ended = this.#ended.slice(this.#forgotten);
        this.#forgotten = 0;
      }
      if (!kept(first.id)) {
        this.#all.delete(first.id);
        this.#peers.delete(first.id);
        continue;
      }
      // Behind the others: it is looked at again later.
      this.#ended.push({ id: first.id, endedMs: nowMs });
      return;
    }
  }
}
