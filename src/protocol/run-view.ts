import { z } from 'zod';
import { ReportSchema } from './report.ts';
import { RecordedScenarioSchema } from './scenario.ts';
import { SubstrateSchema } from './substrate.ts';

/** Name of a run's directory. */
export const RunIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][\w.-]{0,127}$/)
  .brand('RunId');
export type RunId = z.infer<typeof RunIdSchema>;

/** Of the API: what a run is asked for with. */
export const RunOrderSchema = z.strictObject({
  /** Name of a scenario that comes with Muster. */
  scenario: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  plane: z.enum(['twin', 'linux', 'auto']).default('twin'),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(1),
  defence: z.enum(['on', 'off']).default('on'),
  genuine: z.boolean().default(false),
});
export type RunOrder = z.infer<typeof RunOrderSchema>;

export const RUN_STATES = ['running', 'done', 'failed', 'stopped'] as const;

/** Of the API: a run, in a list of them. */
export const RunViewSchema = z.strictObject({
  id: RunIdSchema,
  scenario: z.string(),
  plane: z.enum(['twin', 'linux', 'auto']),
  seed: z.int(),
  defence: z.enum(['on', 'off']),
  state: z.enum(RUN_STATES),
  /** ms since 1970 at which it was started, or, when it was not started here, written. */
  atMs: z.number(),
  /** Expectations of its scenario that were met, and all; null: it has no report. */
  expectations: z.strictObject({ met: z.int(), of: z.int() }).nullable(),
  /** What it does, or why it has failed. */
  note: z.string(),
});
export type RunView = z.infer<typeof RunViewSchema>;

/** One reading of a guarded link while a run is on: bytes per second. */
export const TrafficSampleSchema = z.strictObject({
  tMs: z.number(),
  link: z.string(),
  total: z.number(),
  legitimate: z.number(),
  attackOffered: z.number(),
  attackDelivered: z.number(),
});
export type TrafficSample = z.infer<typeof TrafficSampleSchema>;

/** Of the API: one run, with all but its journal. */
export const RunDetailSchema = z.strictObject({
  run: RunViewSchema,
  /** Null: not known yet. */
  scenario: RecordedScenarioSchema.nullable(),
  /** Of a run with sites for services; null: it has none. */
  substrate: SubstrateSchema.nullable(),
  /** Null: it has not ended, or not well. */
  report: ReportSchema.nullable(),
  traffic: z.array(TrafficSampleSchema),
});
export type RunDetail = z.infer<typeof RunDetailSchema>;
