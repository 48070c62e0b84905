import { isAllowed } from '../../core/services/check-running.ts';
import type { Ask } from './callback.ts';

/** How long is waited before each further attempt, ms. */
const RETRY_AFTER_MS = [500, 2000, 8000];
/** What may wait for one addressee; then the oldest is dropped. */
const MOST_WAITING = 200;

export interface DeliveriesOptions {
  readonly allowHosts: readonly string[];
  readonly ask: Ask;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** What is to be told over HTTP. */
export interface Deliveries {
  /** What is told to one addressee is told in order. */
  enqueue(addressee: string, uri: string, body: unknown): void;
  /** What was given up. */
  dropped(): number;
  /** Resolves when nothing waits to be told. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

interface Queue {
  readonly waiting: { readonly uri: string; readonly body: unknown }[];
  working: Promise<void>;
}

/** Tells each addressee one thing at a time, tried four times in all. What waits is not kept over a restart. */
export function createDeliveries({ allowHosts, ask, pause }: DeliveriesOptions): Deliveries {
  const stop = new AbortController();
  const queues = new Map<string, Queue>();
  let dropped = 0;

  const deliver = async (uri: string, body: unknown): Promise<void> => {
    for (const waitMs of [0, ...RETRY_AFTER_MS]) {
      if (waitMs > 0) await pause(waitMs, stop.signal);
      if (stop.signal.aborted) return;
      // The list may have been changed since.
      if (!isAllowed(uri, allowHosts)) break;
      const status = await ask(uri, body).catch(() => undefined);
      if (status !== undefined && status >= 200 && status < 300) return;
    }
    dropped += 1;
  };
  const work = async (addressee: string, queue: Queue): Promise<void> => {
    for (let next = queue.waiting.shift(); next !== undefined; next = queue.waiting.shift()) {
      await deliver(next.uri, next.body);
      if (stop.signal.aborted) return;
    }
    queues.delete(addressee);
  };
  const idle = async (): Promise<void> => {
    await Promise.all([...queues.values()].map(({ working }) => working));
  };
  return {
    enqueue: (addressee, uri, body) => {
      const there = queues.get(addressee);
      const queue: Queue = there ?? { waiting: [], working: Promise.resolve() };
      if (queue.waiting.length >= MOST_WAITING) {
        queue.waiting.shift();
        dropped += 1;
      }
      queue.waiting.push({ uri, body });
      if (there !== undefined) return;
      queues.set(addressee, queue);
      queue.working = work(addressee, queue).catch(() => {});
    },
    dropped: () => dropped,
    idle,
    stop: async () => {
      stop.abort();
      await idle();
    },
  };
}
