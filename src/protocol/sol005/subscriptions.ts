import { z } from 'zod';
import { OPERATION_STATES } from '../operation-record.ts';
import { ProblemDetailsSchema } from '../problem-details.ts';
import { DateTimeSchema, IdentifierSchema, LinkSchema } from './common.ts';
import { LCM_OPERATION_TYPES } from './nslcm-answers.ts';

export const NOTIFICATION_TYPES = [
  'NsLcmOperationOccurrenceNotification',
  'NsIdentifierCreationNotification',
  'NsIdentifierDeletionNotification',
] as const;
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

const some = <T extends z.ZodType>(each: T) => z.array(each).min(1).max(100).optional();

/** SOL005 LifecycleChangeNotificationsFilter, 6.5.3.8: what is absent lets everything through. */
export const NotificationsFilterSchema = z.strictObject({
  nsInstanceSubscriptionFilter: z
    .strictObject({
      nsdIds: some(IdentifierSchema),
      nsInstanceIds: some(IdentifierSchema),
      nsInstanceNames: some(z.string().max(255)),
    })
    .optional(),
  notificationTypes: some(z.enum(NOTIFICATION_TYPES)),
  operationTypes: some(z.enum(LCM_OPERATION_TYPES)),
  operationStates: some(z.enum(OPERATION_STATES)),
});

/** SOL005 LccnSubscriptionRequest, 6.5.2.2. */
export const LccnSubscriptionRequestSchema = z.strictObject({
  filter: NotificationsFilterSchema.optional(),
  callbackUri: z.url({ protocol: /^https?$/ }).max(2048),
});

/** SOL005 LccnSubscription, 6.5.2.4. */
export const LccnSubscriptionSchema = z.strictObject({
  id: IdentifierSchema,
  filter: NotificationsFilterSchema.optional(),
  callbackUri: z.string().max(2048),
  _links: z.strictObject({ self: LinkSchema }),
});

/** A subscription as it is stored. */
export const SubscriptionRecordSchema = z.strictObject({
  format: z.literal(1),
  id: IdentifierSchema,
  filter: NotificationsFilterSchema.optional(),
  callbackUri: z.string().max(2048),
  createdAtMs: z.int().nonnegative(),
  createdBy: z.string().max(63),
});
export type SubscriptionRecord = z.infer<typeof SubscriptionRecordSchema>;

const common = {
  id: IdentifierSchema,
  subscriptionId: IdentifierSchema,
  timestamp: DateTimeSchema,
  nsInstanceId: IdentifierSchema,
  _links: z.record(z.string(), LinkSchema),
};

/** SOL005 6.5.2.5, 6.5.2.6, 6.5.2.7: what is sent to a callback URI. */
export const NotificationSchema = z.discriminatedUnion('notificationType', [
  z.strictObject({
    ...common,
    notificationType: z.literal('NsLcmOperationOccurrenceNotification'),
    nsLcmOpOccId: IdentifierSchema,
    operation: z.enum(LCM_OPERATION_TYPES),
    notificationStatus: z.enum(['START', 'RESULT']),
    operationState: z.enum(OPERATION_STATES),
    isAutomaticInvocation: z.boolean(),
    error: ProblemDetailsSchema.optional(),
  }),
  z.strictObject({ ...common, notificationType: z.literal('NsIdentifierCreationNotification') }),
  z.strictObject({ ...common, notificationType: z.literal('NsIdentifierDeletionNotification') }),
]);
export type Notification = z.infer<typeof NotificationSchema>;
