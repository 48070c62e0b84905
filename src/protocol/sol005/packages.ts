import { z } from 'zod';
import { ProblemDetailsSchema } from '../problem-details.ts';
import { DateTimeSchema, IdentifierSchema, LinkSchema, UserDefinedDataSchema } from './common.ts';

/** SOL005 CreateNsdInfoRequest and CreateVnfPkgInfoRequest: the package itself follows. */
export const CreatePackageRequestSchema = z
  .strictObject({ userDefinedData: UserDefinedDataSchema.optional() })
  .default({});

/** SOL005 NsdInfoModifications and VnfPkgInfoModifications: JSON merge patch of what is kept for the client. */
export const PackageModificationsSchema = z.strictObject({ userDefinedData: UserDefinedDataSchema });

const usage = z.enum(['IN_USE', 'NOT_IN_USE']);
const links = z.record(z.string(), LinkSchema);
const artifact = z.strictObject({
  artifactPath: z.string(),
  checksum: z.strictObject({ algorithm: z.literal('SHA-256'), hash: z.string() }),
});

/** SOL005 NsdInfo, 5.5.2.2. What a descriptor says is there once it is onboarded. */
export const NsdInfoSchema = z.strictObject({
  id: IdentifierSchema,
  nsdId: IdentifierSchema.optional(),
  nsdName: z.string().optional(),
  nsdVersion: z.string().optional(),
  nsdInvariantId: z.string().optional(),
  vnfPkgIds: z.array(IdentifierSchema).optional(),
  nsdOnboardingState: z.enum(['CREATED', 'ONBOARDED', 'ERROR']),
  onboardingFailureDetails: ProblemDetailsSchema.optional(),
  nsdOperationalState: z.enum(['ENABLED', 'DISABLED']),
  nsdUsageState: usage,
  /** Instances that use it; beyond SOL005. */
  usedBy: z.array(z.string()),
  artifacts: z.array(artifact).optional(),
  onboardedAt: DateTimeSchema.optional(),
  updatedAt: DateTimeSchema.optional(),
  userDefinedData: UserDefinedDataSchema.optional(),
  _links: links,
});

/** SOL005 VnfPkgInfo, 9.5.2.5. */
export const VnfPkgInfoSchema = z.strictObject({
  id: IdentifierSchema,
  vnfdId: IdentifierSchema.optional(),
  vnfProductName: z.string().optional(),
  vnfdVersion: z.string().optional(),
  checksum: z.strictObject({ algorithm: z.literal('SHA-256'), hash: z.string() }).optional(),
  additionalArtifacts: z.array(artifact).optional(),
  onboardingState: z.enum(['CREATED', 'ONBOARDED', 'ERROR']),
  onboardingFailureDetails: ProblemDetailsSchema.optional(),
  operationalState: z.enum(['ENABLED', 'DISABLED']),
  usageState: usage,
  usedBy: z.array(z.string()),
  onboardedAt: DateTimeSchema.optional(),
  updatedAt: DateTimeSchema.optional(),
  userDefinedData: UserDefinedDataSchema.optional(),
  _links: links,
});

/** A package resource as it is stored: what SOL005 knows of it beyond the package itself. */
export const PackageResourceSchema = z.strictObject({
  format: z.literal(1),
  kind: z.enum(['vnfd', 'nsd']),
  id: IdentifierSchema,
  createdAtMs: z.int().nonnegative(),
  /** Id in the descriptor; null: nothing has been onboarded for it yet. */
  descriptor: z.string().max(255).nullable(),
  /** Why what was sent last was refused. */
  failure: ProblemDetailsSchema.nullable(),
  userDefinedData: UserDefinedDataSchema.nullable(),
});
export type PackageResource = z.infer<typeof PackageResourceSchema>;
