import { z } from 'zod';
import { OPERATION_STATES, OperationSchema } from './operation-record.ts';
import { ServiceInstanceSchema } from './service-record.ts';

const LinkSchema = z.strictObject({ href: z.string() });

/** SOL005 ProblemDetails, with what to do next (`hint`) and our own code (`code`). */
export const ProblemDetailsSchema = z.looseObject({
  status: z.int(),
  title: z.string().optional(),
  detail: z.string(),
  hint: z.string().optional(),
  code: z.string().optional(),
});

/** SOL005 NsInstance (6.5.2.8), and in `musterService` all that Muster knows of it. */
export const NsInstanceSchema = z.looseObject({
  id: z.string(),
  nsInstanceName: z.string(),
  nsInstanceDescription: z.string(),
  nsdId: z.string(),
  nsdInfoId: z.string(),
  flavourId: z.string(),
  nsState: z.enum(['NOT_INSTANTIATED', 'INSTANTIATED']),
  vnfInstance: z.array(
    z.looseObject({
      id: z.string(),
      vnfInstanceName: z.string(),
      vnfdId: z.string(),
      instantiationState: z.enum(['NOT_INSTANTIATED', 'INSTANTIATED']),
    }),
  ),
  _links: z.record(z.string(), LinkSchema),
  musterService: ServiceInstanceSchema,
});
export type NsInstance = z.infer<typeof NsInstanceSchema>;

/** SOL005 NsLcmOpOcc (6.5.2.3), and in `musterOperation` its steps. `ACTION` is OSM's: SOL005 has no operation for primitives. */
export const NsLcmOpOccSchema = z.looseObject({
  id: z.string(),
  operationState: z.enum(OPERATION_STATES),
  stateEnteredTime: z.string(),
  startTime: z.string(),
  nsInstanceId: z.string(),
  lcmOperationType: z.enum(['INSTANTIATE', 'SCALE', 'UPDATE', 'TERMINATE', 'HEAL', 'ACTION']),
  isAutomaticInvocation: z.boolean(),
  isCancelPending: z.boolean(),
  operationParams: z.unknown(),
  error: ProblemDetailsSchema.optional(),
  _links: z.record(z.string(), LinkSchema),
  musterOperation: OperationSchema,
});
export type NsLcmOpOcc = z.infer<typeof NsLcmOpOccSchema>;

/** Answer to `POST /v1/services/apply`. */
export const AppliedSchema = z.strictObject({
  outcome: z.enum(['created', 'updated', 'unchanged', 'planned']),
  changes: z.array(z.strictObject({ about: z.string(), change: z.string() })),
  service: ServiceInstanceSchema.nullable(),
  operation: OperationSchema.nullable(),
});
