import { z } from 'zod';
import { NodeNameSchema } from '../../protocol/ids.ts';
import { RunIdSchema } from '../../protocol/run-view.ts';
import { AgentSpecSchema, RecordedScenarioSchema } from '../../protocol/scenario.ts';
import { SiteConfigSchema } from '../../protocol/site-config.ts';
import { SubstrateSchema } from '../../protocol/substrate.ts';
import { WhatIfOrderSchema } from '../../protocol/what-if.ts';

const words = z.array(z.string().max(2000)).max(50);
const KeptSchema = z.array(z.tuple([z.string(), z.base64()])).max(200_000);

/** Sites with services, as they were when they were forked. */
export const SitesForkSchema = z.strictObject({
  kind: z.literal('sites'),
  /** ms since 1970. */
  takenAtMs: z.int(),
  substrate: SubstrateSchema,
  /** Which were silent already, and since when. */
  lost: z.array(z.strictObject({ site: NodeNameSchema, sinceMs: z.number() })).max(1000),
  site: SiteConfigSchema,
  /** Of services; those that keep the books of sites are one a site. */
  agents: z.array(AgentSpecSchema).max(2000),
  /** What was in the stores of services and of packages, in base64. */
  services: KeptSchema,
  packages: KeptSchema,
  /** How much people ask for, by service id. */
  demand: z
    .array(z.strictObject({ service: z.string(), people: z.int().min(1).max(400), busyVcpus: z.number() }))
    .max(10_000),
  taken: words,
  assumed: words,
});
export type SitesFork = z.infer<typeof SitesForkSchema>;

/** A scenario that is up: its state lies in the data plane and in minds elsewhere, so it is begun anew as it is declared. */
export const ScenarioForkSchema = z.strictObject({
  kind: z.literal('scenario'),
  scenario: RecordedScenarioSchema,
  taken: words,
  assumed: words,
});
export type ScenarioFork = z.infer<typeof ScenarioForkSchema>;

/** What the process that runs a what-if is given. */
export const ForkOrderSchema = z.strictObject({
  order: WhatIfOrderSchema,
  fork: z.discriminatedUnion('kind', [SitesForkSchema, ScenarioForkSchema]),
  /** Where runs are recorded. */
  directory: z.string(),
  runs: z.strictObject({ unchanged: RunIdSchema, changed: RunIdSchema }),
});
export type ForkOrder = z.infer<typeof ForkOrderSchema>;

/** When what is asked about comes about, ms from the fork: people have settled by then. */
export const CHANGE_AT_MS = 5000;
