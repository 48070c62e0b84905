import { isAllowed } from '../../core/services/check-running.ts';
import type { OperationState } from '../../protocol/operation-record.ts';
import type { ServiceEvent } from '../../runtime/services/operations.ts';
import type { Northbound } from '../northbound.ts';
import { alarmNotice } from './alarm-notice.ts';
import type { Ask } from './callback.ts';
import { createDeliveries } from './deliveries.ts';
import { type Happening, isOver, notificationOf } from './notification-of.ts';
import { listSubscriptions } from './subscription-store.ts';

/** Webhooks of one alarm. */
const MOST_WEBHOOKS = 10;
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

/**
 * Tells subscribers what happens to services, and webhooks of alarms. What waits is not kept over a restart; who has to know everything
 * reads the operations.
 */
export function startNotifier(to: Northbound, { ask, pause }: NotifierOptions): Notifier {
  const { allowHosts } = to.site.webhooks;
  const deliveries = createDeliveries({ allowHosts, ask, pause });
  const states = new Map<string, OperationState>();
  const names = new Map<string, Happening['service']>();
  let unread = 0;
  let reading = Promise.resolve();

  const tell = async (happening: Happening): Promise<void> => {
    const subscriptions = await listSubscriptions(await to.records.view());
    for (const subscription of subscriptions) {
      const notification = notificationOf(subscription, happening, to.nowMs());
      if (notification !== undefined)
        deliveries.enqueue(subscription.id, subscription.callbackUri, notification);
    }
  };
  /** Of an alarm only those are told whose hosts the operator has allowed; all that one host is told waits in one queue. */
  const tellAlarm = ({ service, alarm, webhooks }: Extract<ServiceEvent, { kind: 'alarm' }>): void => {
    for (const uri of webhooks.filter((each) => isAllowed(each, allowHosts)).slice(0, MOST_WEBHOOKS))
      deliveries.enqueue(`alarms of ${new URL(uri).host}`, uri, alarmNotice(service, alarm));
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
    if (event.kind === 'offer' || event.kind === 'alarm') return undefined;
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
    if (event.kind === 'alarm') tellAlarm(event);
    // One after the other: the order in which things happened.
    reading = reading
      .then(() => known)
      .then(async () => {
        const happening = happeningOf(event);
        if (happening !== undefined) await tell(happening);
      })
      .catch(() => {
        unread += 1;
      });
  });
  const idle = async (): Promise<void> => {
    await reading;
    await deliveries.idle();
  };
  return {
    dropped: () => unread + deliveries.dropped(),
    idle,
    stop: async () => {
      unlisten();
      await deliveries.stop();
      await reading;
    },
  };
}
