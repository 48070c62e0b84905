import { z } from 'zod';

const id = z.string();
const seconds = z.number();
const href = z.strictObject({ href: z.string() });
const admin = z.looseObject({ created: seconds, modified: seconds });

/** What Open Source MANO answers where something begins. */
export const OsmIdSchema = z.strictObject({ id });

export const OsmTokenSchema = z.strictObject({
  _id: id,
  id,
  issued_at: seconds,
  expires: seconds,
  username: z.string(),
  user_id: id,
  project_id: z.string(),
  project_name: z.string(),
  admin: z.boolean(),
  roles: z.array(z.strictObject({ name: z.string(), id })),
});

/** Of an NSD or a VNF package: the descriptor itself, with what OSM adds to it. */
export const OsmDescriptorSchema = z.looseObject({
  _id: id,
  id,
  name: z.string(),
  version: z.string(),
  _admin: admin.extend({
    onboardingState: z.enum(['CREATED', 'ONBOARDED']),
    operationalState: z.enum(['ENABLED', 'DISABLED']),
    usageState: z.enum(['IN_USE', 'NOT_IN_USE']),
  }),
  _links: z.record(z.string(), href),
});

export const OsmNsSchema = z.strictObject({
  _id: id,
  id,
  name: z.string(),
  'name-ref': z.string(),
  'short-name': z.string(),
  description: z.string(),
  nsdId: id,
  'nsd-id': id,
  'nsd-ref': id,
  'nsd-name-ref': z.string(),
  'constituent-vnfr-ref': z.array(id),
  nsState: z.enum(['NOT_INSTANTIATED', 'BUILDING', 'READY', 'BROKEN', 'TERMINATED']),
  currentOperation: z.string(),
  currentOperationID: id.nullable(),
  errorDescription: z.string().nullable(),
  errorDetail: z.string().nullable(),
  'operational-status': z.enum([
    'init',
    'running',
    'failed',
    'scaling',
    'healing',
    'terminating',
    'terminated',
  ]),
  'config-status': z.enum(['init', 'configured', 'failed', 'terminated']),
  'detailed-status': z.string(),
  _admin: admin.extend({ nsState: z.enum(['NOT_INSTANTIATED', 'INSTANTIATED']) }),
});

export const OsmOperationSchema = z.strictObject({
  _id: id,
  id,
  operationState: z.string(),
  queuePosition: z.number(),
  stage: z.string(),
  errorMessage: z.string().nullable(),
  detailedStatus: z.string().nullable(),
  'detailed-status': z.string(),
  statusEnteredTime: seconds,
  nsInstanceId: id,
  lcmOperationType: z.string(),
  startTime: seconds,
  isAutomaticInvocation: z.boolean(),
  isCancelPending: z.boolean(),
  operationParams: z.record(z.string(), z.unknown()),
  links: z.strictObject({ self: z.string(), nsInstance: z.string() }),
  _admin: admin,
});

const VduSchema = z.strictObject({
  _id: id,
  'vdu-id-ref': id,
  'count-index': z.number(),
  name: z.string(),
  'vim-id': z.string().nullable(),
  status: z.enum(['BUILD', 'ACTIVE', 'ERROR', 'DELETED']),
  'status-detailed': z.string().nullable(),
  'ip-address': z.string().nullable(),
  interfaces: z.array(z.strictObject({ name: z.string(), 'ip-address': z.string() })),
});

export const OsmVnfSchema = z.strictObject({
  _id: id,
  id,
  'nsr-id-ref': id,
  'member-vnf-index-ref': z.string(),
  'vnfd-ref': id,
  'vnfd-id': id,
  'vim-account-id': id,
  'ip-address': z.string().nullable(),
  vdur: z.array(VduSchema),
  _admin: admin.extend({ nsState: z.enum(['NOT_INSTANTIATED', 'INSTANTIATED']) }),
});

export const OsmVimSchema = z.strictObject({
  _id: id,
  name: z.string(),
  vim_type: z.literal('muster'),
  description: z.string(),
  vim_url: z.string(),
  vim_user: z.string(),
  vim_tenant_name: z.string(),
  schema_version: z.literal('1.11'),
  _admin: admin.extend({ operationalState: z.literal('ENABLED'), 'detailed-status': z.string() }),
});
