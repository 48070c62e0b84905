import { z } from 'zod';
import { ParameterNameSchema } from '../service-file.ts';

/** An id in a request or an answer of ETSI GS NFV-SOL 005. */
export const IdentifierSchema = z.string().min(1).max(600);

/** RFC 3339, in UTC. */
export const DateTimeSchema = z.iso.datetime();

export const LinkSchema = z.strictObject({ href: z.string().max(2048) });

/** Values for placeholders of descriptors: text, numbers and truths, by name. */
export const KeyValuePairsSchema = z
  .record(ParameterNameSchema, z.union([z.string().max(65_536), z.number(), z.boolean()]))
  .refine((values) => Object.keys(values).length <= 200, 'at most 200 values');
export type KeyValuePairs = z.infer<typeof KeyValuePairsSchema>;

/** What the client keeps with a package; nothing here acts upon it. */
export const UserDefinedDataSchema = z
  .record(z.string().min(1).max(255), z.unknown())
  .refine((data) => JSON.stringify(data).length <= 16_384, 'at most 16 KiB');
