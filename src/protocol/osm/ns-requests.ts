import { z } from 'zod';
import { ServiceNameSchema } from '../service-file.ts';
import { IdentifierSchema, KeyValuePairsSchema } from '../sol005/common.ts';

const words = z.string().max(4096);
const memberIndex = z.union([IdentifierSchema, z.int().nonnegative()]).transform(String);

/** What Open Source MANO's clients send beside what counts here: taken, and without effect. */
const without = {
  lcmOperationType: words.optional(),
  nsInstanceId: IdentifierSchema.optional(),
  timeout_ns_deploy: z.int().optional(),
  timeout_ns_terminate: z.int().optional(),
  timeout_ns_scale: z.int().optional(),
  timeout_ns_heal: z.int().optional(),
  wimAccountId: z.union([z.literal(false), z.null()]).optional(),
};

/** What OSM's `ns-create` sends: to `ns_instances_content`, or in two steps to `ns_instances` and `instantiate`. */
export const OsmNsRequestSchema = z.strictObject({
  ...without,
  nsdId: IdentifierSchema,
  nsName: ServiceNameSchema,
  nsDescription: words.nullable().optional(),
  /** Id or name of a VIM account: a site, or `muster` for all. */
  vimAccountId: IdentifierSchema,
  vnf: z
    .array(z.strictObject({ 'member-vnf-index': memberIndex, vimAccountId: IdentifierSchema.optional() }))
    .max(100)
    .optional(),
  additionalParamsForNs: KeyValuePairsSchema.optional(),
  additionalParamsForVnf: z
    .array(
      z.strictObject({
        'member-vnf-index': memberIndex,
        additionalParams: KeyValuePairsSchema.optional(),
      }),
    )
    .max(100)
    .optional(),
});
export type OsmNsRequest = z.infer<typeof OsmNsRequestSchema>;

export const OsmScaleRequestSchema = z.strictObject({
  ...without,
  scaleType: z.literal('SCALE_VNF').default('SCALE_VNF'),
  scaleTime: words.optional(),
  scaleVnfData: z.strictObject({
    scaleVnfType: z.enum(['SCALE_OUT', 'SCALE_IN']),
    vnfInstanceId: IdentifierSchema.optional(),
    scaleByStepData: z.strictObject({
      'member-vnf-index': memberIndex,
      'scaling-group-descriptor': IdentifierSchema,
      'scaling-policy': words.optional(),
    }),
  }),
});

export const OsmUpdateRequestSchema = z.strictObject({
  ...without,
  updateType: z.literal('CHANGE_VNFPKG', 'only CHANGE_VNFPKG'),
  changeVnfPackageData: z.strictObject({ vnfInstanceId: IdentifierSchema, vnfdId: IdentifierSchema }),
});

export const OsmTerminateRequestSchema = z
  .strictObject({
    ...without,
    autoremove: z.boolean().default(false),
    terminationTime: words.optional(),
    /** Muster has them done. */
    skip_terminate_primitives: z.literal(false).optional(),
  })
  .default({ autoremove: false });

export const OsmTokenRequestSchema = z.strictObject({
  /** Name of a token; `admin` for the one of `muster up`. */
  username: z.string().min(1).max(63),
  /** The token. */
  password: z.string().min(1).max(512),
  project_id: words.nullable().optional(),
});
