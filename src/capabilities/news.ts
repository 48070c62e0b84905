import { z } from 'zod';
import { Ipv4Schema, LinkIdSchema } from '../protocol/ids.ts';

/** What an anomaly detector tells the link's monitor. `prevented`: a limit on the target or blocks are in force. */
export const AnomalyNewsSchema = z.strictObject({
  about: z.literal('anomalousUsage'),
  link: LinkIdSchema,
  truth: z.enum(['true', 'false', 'unknown']),
  targets: z.array(Ipv4Schema).max(64),
  prevented: z.boolean().nullable(),
  reason: z.string().max(1000),
});
export type AnomalyNews = z.infer<typeof AnomalyNewsSchema>;

/** What a classifier tells the anomaly detector: whether any source that it holds for malicious gets through. */
export const SourcesNewsSchema = z.strictObject({
  about: z.literal('sourcesClear'),
  target: Ipv4Schema,
  clear: z.boolean(),
  blocked: z.number().int().nonnegative(),
  reason: z.string().max(1000),
});
export type SourcesNews = z.infer<typeof SourcesNewsSchema>;
