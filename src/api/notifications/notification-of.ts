import { randomUUID } from 'node:crypto';
import type { Operation, OperationState } from '../../protocol/operation-record.ts';
import type { Notification, SubscriptionRecord } from '../../protocol/sol005/subscriptions.ts';
import type { ServiceEvent } from '../../runtime/services/operations.ts';
import { dateTime, NS_INSTANCES } from '../sol005/ns-instance-view.ts';
import { operationProblem, operationType, opOccPath } from '../sol005/op-occ-view.ts';

export const SUBSCRIPTIONS = '/nslcm/v1/subscriptions';

/** What happened, and all that filters look at. */
export interface Happening {
  readonly event: Exclude<ServiceEvent, { change: 'changed' } | { kind: 'offer' } | { kind: 'alarm' }>;
  readonly service: { readonly id: string; readonly name: string; readonly nsdId: string | undefined };
}

const OVER: readonly OperationState[] = [
  'COMPLETED',
  'PARTIALLY_COMPLETED',
  'FAILED_TEMP',
  'FAILED',
  'ROLLED_BACK',
];

export function isOver(state: OperationState): boolean {
  return OVER.includes(state);
}

/** What a subscriber is told of it; undefined: its filter does not let it through. */
export function notificationOf(
  { id: subscriptionId, filter }: SubscriptionRecord,
  { event, service }: Happening,
  nowMs: number,
): Notification | undefined {
  const instances = filter?.nsInstanceSubscriptionFilter;
  if (!lets(instances?.nsInstanceIds, service.id)) return undefined;
  if (!lets(instances?.nsInstanceNames, service.name)) return undefined;
  if (!lets(instances?.nsdIds, service.nsdId ?? '')) return undefined;
  const notification = told(subscriptionId, event, service.id, nowMs);
  if (!lets(filter?.notificationTypes, notification.notificationType)) return undefined;
  if (notification.notificationType !== 'NsLcmOperationOccurrenceNotification') return notification;
  const fits =
    lets(filter?.operationTypes, notification.operation) &&
    lets(filter?.operationStates, notification.operationState);
  return fits ? notification : undefined;
}

function lets<T>(wanted: readonly T[] | undefined, value: T): boolean {
  return wanted === undefined || wanted.includes(value);
}

function told(
  subscriptionId: string,
  event: Happening['event'],
  service: string,
  nowMs: number,
): Notification {
  const common = {
    id: randomUUID(),
    subscriptionId,
    timestamp: dateTime(nowMs),
    nsInstanceId: service,
    _links: {
      subscription: { href: `${SUBSCRIPTIONS}/${subscriptionId}` },
      nsInstance: { href: `${NS_INSTANCES}/${encodeURIComponent(service)}` },
    },
  };
  if (event.kind === 'operation') return { ...common, ...ofOperation(event.operation, common._links) };
  return {
    ...common,
    notificationType:
      event.change === 'created' ? 'NsIdentifierCreationNotification' : 'NsIdentifierDeletionNotification',
  };
}

function ofOperation(operation: Operation, links: Notification['_links']) {
  const error = operationProblem(operation);
  return {
    notificationType: 'NsLcmOperationOccurrenceNotification' as const,
    nsLcmOpOccId: operation.id,
    operation: operationType(operation),
    notificationStatus: isOver(operation.state) ? ('RESULT' as const) : ('START' as const),
    operationState: operation.state,
    isAutomaticInvocation: operation.automatic,
    ...(error === undefined ? {} : { error }),
    _links: { ...links, nsLcmOpOcc: { href: opOccPath(operation.id) } },
  };
}
