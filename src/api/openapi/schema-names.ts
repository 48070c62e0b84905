import type { z } from 'zod';
import { OperationSchema, StepSchema } from '../../protocol/operation-record.ts';
import {
  OsmDescriptorSchema,
  OsmIdSchema,
  OsmNsSchema,
  OsmOperationSchema,
  OsmTokenSchema,
  OsmVimSchema,
  OsmVnfSchema,
} from '../../protocol/osm/answers.ts';
import {
  OsmNsRequestSchema,
  OsmScaleRequestSchema,
  OsmTokenRequestSchema,
} from '../../protocol/osm/ns-requests.ts';
import { ProblemDetailsSchema } from '../../protocol/problem-details.ts';
import { ServiceFileSchema } from '../../protocol/service-file.ts';
import { ServiceInstanceSchema, ServiceShapeSchema } from '../../protocol/service-record.ts';
import { ApplyRequestSchema } from '../../protocol/service-requests.ts';
import {
  NsInstanceSchema,
  NsLcmOpOccSchema,
  VnfInstanceSchema,
} from '../../protocol/sol005/nslcm-answers.ts';
import {
  CreateNsRequestSchema,
  HealNsRequestSchema,
  InstantiateNsRequestSchema,
  NsActionRequestSchema,
  ScaleNsRequestSchema,
  UpdateNsRequestSchema,
} from '../../protocol/sol005/nslcm-requests.ts';
import { NsdInfoSchema, VnfPkgInfoSchema } from '../../protocol/sol005/packages.ts';
import {
  LccnSubscriptionRequestSchema,
  LccnSubscriptionSchema,
  NotificationSchema,
} from '../../protocol/sol005/subscriptions.ts';

/** Names of schemas in the OpenAPI document: those of SOL005 where it has them. */
export const SCHEMA_NAMES: ReadonlyMap<z.ZodType, string> = new Map<z.ZodType, string>([
  [ProblemDetailsSchema, 'ProblemDetails'],
  [NsInstanceSchema, 'NsInstance'],
  [VnfInstanceSchema, 'VnfInstance'],
  [NsLcmOpOccSchema, 'NsLcmOpOcc'],
  [NsdInfoSchema, 'NsdInfo'],
  [VnfPkgInfoSchema, 'VnfPkgInfo'],
  [CreateNsRequestSchema, 'CreateNsRequest'],
  [InstantiateNsRequestSchema, 'InstantiateNsRequest'],
  [ScaleNsRequestSchema, 'ScaleNsRequest'],
  [HealNsRequestSchema, 'HealNsRequest'],
  [UpdateNsRequestSchema, 'UpdateNsRequest'],
  [NsActionRequestSchema, 'NsActionRequest'],
  [LccnSubscriptionRequestSchema, 'LccnSubscriptionRequest'],
  [LccnSubscriptionSchema, 'LccnSubscription'],
  [NotificationSchema, 'Notification'],
  [ServiceFileSchema, 'ServiceFile'],
  [ServiceInstanceSchema, 'Service'],
  [ServiceShapeSchema, 'ServiceShape'],
  [OperationSchema, 'Operation'],
  [StepSchema, 'Step'],
  [ApplyRequestSchema, 'ApplyRequest'],
  [OsmTokenRequestSchema, 'OsmTokenRequest'],
  [OsmTokenSchema, 'OsmToken'],
  [OsmNsRequestSchema, 'OsmNsRequest'],
  [OsmScaleRequestSchema, 'OsmScaleRequest'],
  [OsmIdSchema, 'OsmId'],
  [OsmDescriptorSchema, 'OsmDescriptor'],
  [OsmNsSchema, 'OsmNs'],
  [OsmOperationSchema, 'OsmOperation'],
  [OsmVnfSchema, 'OsmVnf'],
  [OsmVimSchema, 'OsmVim'],
]);
