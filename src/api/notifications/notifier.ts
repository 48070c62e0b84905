import { isAllowed } from '../../core/services/check-running.ts';
import type { OperationState } from '../../protocol/operation-record.ts';
import type { Notification, SubscriptionRecord } from '../../protocol/sol005/subscriptions.ts';
import type { ServiceEvent } from '../../runtime/services/operations.ts';
import type { Northbound } from '../northbound.ts';
import type { Ask } from './callback.ts';
import { type Happening, isOver, notificationOf } from './notification-of.ts';
import { listSubscriptions } from './subscription-store.ts';

/** How long is waited before each further attempt, ms. */
const RETRY_AFTER_MS = [500, 2000, 8000];
/** Notifications that may wait for one subscriber; then the oldest is dropped. */
const MOST_WAITING = 200;
/** Operations whose last state is remembered. */
const MOST_OPERATIONS = 10_000;

export interface NotifierOptions {
  readonly ask: Ask;
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Notifier {
  /** Notifications that were given up, since this was started. */
  dropped(): number;
  /** Resolves when nothing waits to be told. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

interface Queue {
  readonly waiting: { readonly uri: string; readonly notification: Notification }[];
  working: Promise<void>;
}

/**
 * Tells subscribers what happens to services: each in order, one at a time, tried four times in all. What waits is not kept over a restart;
 * who has to know everything reads the operations.
 */
export function startNotifier(to: Northbound, { ask, pause }: NotifierOptions): Notifier {
  const stop = new AbortController();
  const queues = new Map<string, Queue>();
  const states = new Map<string, OperationState>();
  const names = new Map<string, Happening['service']>();
  let dropped = 0;
  let reading = Promise.resolve();

  const deliver = async (uri: string, notification: Notification): Promise<void> => {
    for (const waitMs of [0, ...RETRY_AFTER_MS]) {
      if (waitMs > 0) await pause(waitMs, stop.signal);
      if (stop.signal.aborted) return;
      // The list may have been changed since.
      if (!isAllowed(uri, to.site.webhooks.allowHosts)) break;
      const status = await ask(uri, notification).catch(() => undefined);
      if (status !== undefined && status >= 200 && status < 300) return;
    }
    dropped += 1;
  };
  const work = async (queue: Queue): Promise<void> => {
    for (let next = queue.waiting.shift(); next !== undefined; next = queue.waiting.shift()) {
      await deliver(next.uri, next.notification);
      if (stop.signal.aborted) return;
    }
  };
  const enqueue = ({ id, callbackUri: uri }: SubscriptionRecord, notification: Notification): void => {
    const queue = queues.get(id) ?? { waiting: [], working: Promise.resolve() };
    queues.set(id, queue);
    if (queue.waiting.length >= MOST_WAITING) {
      queue.waiting.shift();
      dropped += 1;
    }
    queue.waiting.push({ uri, notification });
    queue.working = queue.working.then(() => work(queue)).catch(() => {});
  };
  const tell = async (happening: Happening): Promise<void> => {
    const subscriptions = await listSubscriptions(await to.records.view());
    for (const id of queues.keys()) if (!subscriptions.some((each) => each.id === id)) queues.delete(id);
    for (const subscription of subscriptions) {
      const notification = notificationOf(subscription, happening, to.nowMs());
      if (notification !== undefined) enqueue(subscription, notification);
    }
  };
  /** Undefined: nobody is told of it, such as of a step within an operation. */
  const happeningOf = (event: ServiceEvent): Happening | undefined => {
    if (event.kind === 'service') {
      const { id, name, nsdId } = event.service;
      const service = { id, name, nsdId };
      if (event.change === 'removed') names.delete(id);
      else names.set(id, service);
      return event.change === 'changed' ? undefined : { event: { ...event, change: event.change }, service };
    }
    if (event.kind === 'offer') return undefined;
    const { id, service, serviceName, state } = event.operation;
    if (states.get(id) === state) return undefined;
    states.set(id, state);
    if (isOver(state) && state !== 'FAILED_TEMP') states.delete(id);
    const [oldest] = states.keys();
    if (states.size > MOST_OPERATIONS && oldest !== undefined) states.delete(oldest);
    return { event, service: names.get(service) ?? { id: service, name: serviceName, nsdId: undefined } };
  };
  const known = to.services.list().then((services) => {
    for (const { id, name, nsdId } of services) if (!names.has(id)) names.set(id, { id, name, nsdId });
  });
  const unlisten = to.services.listen((event) => {
    // One after the other: the order in which things happened.
    reading = reading
      .then(() => known)
      .then(async () => {
        const happening = happeningOf(event);
        if (happening !== undefined) await tell(happening);
      })
      .catch(() => {
        dropped += 1;
      });
  });
  const idle = async (): Promise<void> => {
    await reading;
    await Promise.all([...queues.values()].map(({ working }) => working));
  };
  return {
    dropped: () => dropped,
    idle,
    stop: async () => {
      unlisten();
      stop.abort();
      await idle();
    },
  };
}
