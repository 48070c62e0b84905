import { z } from 'zod';
import { OPERATION_STATES, OperationSchema } from '../operation-record.ts';
import { ProblemDetailsSchema } from '../problem-details.ts';
import { ServiceInstanceSchema } from '../service-record.ts';
import { DateTimeSchema, IdentifierSchema, LinkSchema } from './common.ts';

const words = z.string();

/** SOL005 VnfInstance, 6.5.3.57, as far as it says something here. */
export const VnfInstanceSchema = z.strictObject({
  id: IdentifierSchema,
  /** Its name in the service: the member, or `member-2`. */
  vnfInstanceName: words,
  /** The member of the NSD. */
  vnfProfileId: IdentifierSchema,
  vnfdId: IdentifierSchema,
  vnfPkgId: IdentifierSchema,
  instantiationState: z.enum(['NOT_INSTANTIATED', 'INSTANTIATED']),
  instantiatedVnfInfo: z
    .strictObject({
      flavourId: IdentifierSchema,
      vnfState: z.enum(['STARTED', 'STOPPED']),
      scaleStatus: z.array(z.strictObject({ aspectId: IdentifierSchema, scaleLevel: z.int() })),
      vnfcResourceInfo: z.array(
        z.strictObject({
          id: IdentifierSchema,
          vduId: IdentifierSchema,
          /** The site. */
          vimConnectionId: words.nullable(),
          /** The host. */
          zoneId: words.nullable(),
          state: z.enum(['ordered', 'running', 'failed', 'stopping']),
          addresses: z.record(z.string(), z.string()),
          reason: words.nullable(),
        }),
      ),
    })
    .optional(),
});

/** SOL005 NsInstance, 6.5.2.10. */
export const NsInstanceSchema = z.strictObject({
  id: IdentifierSchema,
  nsInstanceName: words,
  nsInstanceDescription: words,
  nsdId: IdentifierSchema,
  nsdInfoId: IdentifierSchema,
  flavourId: IdentifierSchema,
  vnfInstance: z.array(VnfInstanceSchema),
  nsState: z.enum(['NOT_INSTANTIATED', 'INSTANTIATED']),
  _links: z.record(z.string(), LinkSchema),
  /** All that Muster knows of it. Beyond SOL005. */
  musterService: ServiceInstanceSchema,
});
export type NsInstance = z.infer<typeof NsInstanceSchema>;

export const LCM_OPERATION_TYPES = ['INSTANTIATE', 'SCALE', 'UPDATE', 'TERMINATE', 'HEAL', 'ACTION'] as const;

/** SOL005 NsLcmOpOcc, 6.5.2.3; `ACTION`, `startedBy` and `musterOperation` go beyond it. */
export const NsLcmOpOccSchema = z.strictObject({
  id: IdentifierSchema,
  operationState: z.enum(OPERATION_STATES),
  statusEnteredTime: DateTimeSchema,
  /** The same, by the name that it has in SOL003. */
  stateEnteredTime: DateTimeSchema,
  nsInstanceId: IdentifierSchema,
  lcmOperationType: z.enum(LCM_OPERATION_TYPES),
  startTime: DateTimeSchema,
  isAutomaticInvocation: z.boolean(),
  operationParams: z.record(z.string(), z.unknown()),
  isCancelPending: z.boolean(),
  cancelMode: z.literal('GRACEFUL').optional(),
  error: ProblemDetailsSchema.optional(),
  /** Name of the token whose holder began it; absent: Muster itself, or it is too long ago. */
  startedBy: words.optional(),
  _links: z.record(z.string(), LinkSchema),
  /** Its steps, how far it is, why it was begun, what primitives answered. */
  musterOperation: OperationSchema,
});
export type NsLcmOpOcc = z.infer<typeof NsLcmOpOccSchema>;
