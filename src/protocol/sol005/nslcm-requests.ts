import { z } from 'zod';
import { NodeNameSchema } from '../ids.ts';
import { ServiceNameSchema } from '../service-file.ts';
import { UpdateRequestSchema } from '../service-requests.ts';
import { DateTimeSchema, IdentifierSchema, KeyValuePairsSchema } from './common.ts';

const words = z.string().max(4096);

/** SOL005 CreateNsRequest, 6.5.2.7. */
export const CreateNsRequestSchema = z.strictObject({
  /** Of the resource of the NSD, or the id in the descriptor. */
  nsdId: IdentifierSchema,
  nsName: ServiceNameSchema,
  nsDescription: words.default(''),
});

const LocationConstraintSchema = z.strictObject({
  vnfProfileId: IdentifierSchema,
  /** Sites that its units may run on; beyond the standard, whose location constraints name countries and addresses. */
  sites: z.array(NodeNameSchema).min(1).max(1000),
});

/** SOL005 InstantiateNsRequest, 6.5.2.11: what of it means something here; anything else is refused, not passed over. */
export const InstantiateNsRequestSchema = z.strictObject({
  nsFlavourId: IdentifierSchema.optional(),
  locationConstraints: z.array(LocationConstraintSchema).max(100).optional(),
  additionalParamsForNs: KeyValuePairsSchema.optional(),
  additionalParamsForVnf: z
    .array(
      z.strictObject({
        vnfProfileId: IdentifierSchema,
        additionalParams: KeyValuePairsSchema.optional(),
      }),
    )
    .max(100)
    .optional(),
});
export type InstantiateNsRequest = z.infer<typeof InstantiateNsRequestSchema>;

/** SOL005 ScaleVnfData, 6.5.3.25: by steps. */
export const ScaleVnfDataSchema = z.strictObject({
  vnfInstanceId: IdentifierSchema,
  scaleVnfType: z.enum(['SCALE_OUT', 'SCALE_IN']),
  scaleByStepData: z
    .strictObject({
      aspectId: IdentifierSchema.optional(),
      numberOfSteps: z.int().min(1).max(1000).default(1),
    })
    .optional(),
});

/** SOL005 ScaleNsRequest, 6.5.2.14. */
export const ScaleNsRequestSchema = z.strictObject({
  scaleType: z.literal('SCALE_VNF', 'only SCALE_VNF: name the VNF and its aspect in scaleVnfData'),
  scaleVnfData: z.array(ScaleVnfDataSchema).length(1, 'one VNF with each request'),
});

const HealVduSchema = z.strictObject({
  'vdu-id': IdentifierSchema,
  'count-index': z.int().min(0).max(10_000).optional(),
  'run-day1': z.boolean().optional(),
});

/** SOL005 HealVnfData, 6.5.3.44; `additionalParams` as Open Source MANO has it. */
export const HealVnfDataSchema = z.strictObject({
  /** Absent: all that do not run. Beyond the standard, as are `units` and `vdu` by its name. */
  vnfInstanceId: IdentifierSchema.optional(),
  cause: z.string().max(1000).optional(),
  additionalParams: z
    .strictObject({
      'run-day1': z.boolean().optional(),
      units: z.array(IdentifierSchema).max(200).optional(),
      vdu: z.union([IdentifierSchema, z.array(HealVduSchema).max(200)]).optional(),
    })
    .optional(),
});
export type HealVnfData = z.infer<typeof HealVnfDataSchema>;

/** SOL005 HealNsRequest, 6.5.2.13: the whole service, or some of its VNFs. */
export const HealNsRequestSchema = z
  .strictObject({
    healNsData: z
      .strictObject({ degreeHealing: z.enum(['HEAL_RESTORE', 'PARTIAL_HEALING']).default('HEAL_RESTORE') })
      .optional(),
    healVnfData: z.array(HealVnfDataSchema).min(1).max(100).optional(),
  })
  .refine(
    ({ healNsData, healVnfData }) => (healNsData === undefined) !== (healVnfData === undefined),
    'either healNsData or healVnfData',
  );
export type HealNsRequest = z.infer<typeof HealNsRequestSchema>;

/** SOL005 UpdateNsRequest, 6.5.2.12: the kinds that there are here. */
export const UpdateNsRequestSchema = z.discriminatedUnion('updateType', [
  z.strictObject({
    updateType: z.literal('ASSOC_NEW_NSD_VERSION'),
    assocNewNsdVersionData: z.strictObject({
      /** Of the resource of the NSD, or the id in the descriptor. */
      newNsdId: IdentifierSchema,
      sync: z
        .literal(true, 'only true: what the new version has or has not is started and stopped')
        .optional(),
    }),
  }),
  z.strictObject({
    updateType: z.literal('MODIFY_VNF_INFORMATION'),
    modifyVnfInfoData: z
      .array(
        z.strictObject({ vnfInstanceId: IdentifierSchema, vnfConfigurableProperties: KeyValuePairsSchema }),
      )
      .min(1)
      .max(100),
  }),
]);
/** The same, or what is wanted in our own words. */
export const AnyUpdateRequestSchema = z.union([UpdateNsRequestSchema, UpdateRequestSchema]);
export type AnyUpdateRequest = z.infer<typeof AnyUpdateRequestSchema>;
export type UpdateNsRequest = z.infer<typeof UpdateNsRequestSchema>;

/** SOL005 TerminateNsRequest, 6.5.2.15. A time is taken when it has come already. `autoremove`, as OSM has it: then it is forgotten. */
export const TerminateNsRequestSchema = z
  .strictObject({ terminationTime: DateTimeSchema.optional(), autoremove: z.boolean().optional() })
  .optional();

/** A primitive of a descriptor: Open Source MANO's own `action`, of which SOL005 has none. */
export const NsActionRequestSchema = z
  .strictObject({
    primitive: IdentifierSchema,
    primitive_params: KeyValuePairsSchema.default({}),
    member_vnf_index: IdentifierSchema.optional(),
    /** What OSM called it before. */
    vnf_member_index: IdentifierSchema.optional(),
    vdu_id: IdentifierSchema.optional(),
    vdu_count_index: z.union([z.int().min(0).max(10_000), z.stringFormat('count', /^\d{1,5}$/)]).optional(),
    /** Id of the unit, beyond what OSM has. */
    unit: IdentifierSchema.optional(),
    /** s. */
    timeout_ns_action: z.number().min(0.1).max(600).optional(),
    lcmOperationType: z.literal('action').optional(),
    nsInstanceId: IdentifierSchema.optional(),
  })
  .refine(
    (request) => (request.member_vnf_index ?? request.vnf_member_index) !== undefined,
    'member_vnf_index is missing: primitives of the service as a whole are not run',
  );
export type NsActionRequest = z.infer<typeof NsActionRequestSchema>;

/** SOL005 CancelMode, 6.5.2.16: what is being done is done to its end first. */
export const CancelModeSchema = z
  .strictObject({
    cancelMode: z.literal('GRACEFUL', 'only GRACEFUL: the step that is being done is done to its end'),
  })
  .optional();
