import { z } from 'zod';
import { ScenarioSchema } from './scenario.ts';
import { SubstrateSchema } from './substrate.ts';

/** Of the API of `muster up`: what it runs on. */
export const NetworkViewSchema = z.strictObject({
  scenario: ScenarioSchema,
  /** What sites have for services; null: nobody manages services here. */
  substrate: SubstrateSchema.nullable(),
  /** IP addresses of hosts and functions, by their names. */
  addresses: z.record(z.string(), z.string()),
});
export type NetworkView = z.infer<typeof NetworkViewSchema>;
