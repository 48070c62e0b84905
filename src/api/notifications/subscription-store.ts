import type { Store, StoreView } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import { type SubscriptionRecord, SubscriptionRecordSchema } from '../../protocol/sol005/subscriptions.ts';

/** Each is asked at every change of every operation. */
const MOST_SUBSCRIPTIONS = 100;
const PREFIX = 'subscription/';
const keyOf = (id: string): string => `${PREFIX}${encodeURIComponent(id)}`;

export async function listSubscriptions(view: StoreView): Promise<readonly SubscriptionRecord[]> {
  return Promise.all(view.keys(PREFIX).map((key) => read(view, key)));
}

/** @throws CONFLICT when there are too many. */
export async function addSubscription(store: Store, subscription: SubscriptionRecord): Promise<void> {
  await store.update(async (view) => {
    if (view.keys(PREFIX).length >= MOST_SUBSCRIPTIONS) {
      throw new MusterError('CONFLICT', `there are ${MOST_SUBSCRIPTIONS} subscriptions already`, {
        hint: 'GET /nslcm/v1/subscriptions, and delete those that nobody needs',
      });
    }
    const value = new TextEncoder().encode(JSON.stringify(subscription));
    return { changes: [{ kind: 'put', key: keyOf(subscription.id), value }], answer: undefined };
  });
}

/** @throws NOT_FOUND. */
export async function findSubscription(view: StoreView, id: string): Promise<SubscriptionRecord> {
  if (!view.keys(keyOf(id)).includes(keyOf(id))) throw notFound(id);
  return read(view, keyOf(id));
}

/** @throws NOT_FOUND. */
export async function deleteSubscription(store: Store, id: string): Promise<void> {
  await store.update(async (view) => {
    if (!view.keys(keyOf(id)).includes(keyOf(id))) throw notFound(id);
    return { changes: [{ kind: 'delete', key: keyOf(id) }], answer: undefined };
  });
}

function notFound(id: string): MusterError {
  return new MusterError('NOT_FOUND', `there is no subscription ${id}`, {
    hint: 'GET /nslcm/v1/subscriptions lists them',
  });
}

async function read(view: StoreView, key: string): Promise<SubscriptionRecord> {
  try {
    return SubscriptionRecordSchema.parse(JSON.parse(new TextDecoder().decode(await view.get(key))));
  } catch (cause) {
    throw new MusterError('STORE_DAMAGED', `what is stored as ${key} is no subscription of this version`, {
      hint: 'use the version that wrote it, or put a backup back',
      cause,
    });
  }
}
