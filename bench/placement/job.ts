import { z } from 'zod';

export const ARMS = [
  'auction between agents',
  'central greedy',
  'first fit',
  'best fit',
  'least used host',
  'least busy host',
  '4 at a time in a host',
  'GRC-Rank',
] as const;

/** One run of one arm: what a process of the bench is asked. */
export const JobSchema = z.strictObject({
  kind: z.enum(['virne', 'times', 'four-sites']),
  topology: z.enum(['Geant', 'Waxman100', 'Brain']),
  arm: z.enum(ARMS),
  /** What differs from the plain run, e.g. `views 0.1 old`. */
  variant: z.string(),
  seed: z.int(),
  requests: z.int(),
  improvements: z.int(),
  /** Age of views, in mean times between arrivals. */
  age: z.number(),
  /** Requests that come at the same time. */
  burst: z.int(),
  loss: z.number(),
  delayMs: z.number(),
  countBytes: z.boolean(),
});
export type Job = z.infer<typeof JobSchema>;

/** What a run has measured, by the name of the figure. */
export const OutcomeSchema = z.strictObject({
  job: JobSchema,
  figures: z.record(z.string(), z.number()),
  /** Of what was asked, so that anybody can generate the same. */
  requestsHash: z.string(),
});
export type Outcome = z.infer<typeof OutcomeSchema>;

export const PLAIN: Omit<Job, 'topology' | 'arm' | 'seed'> = {
  kind: 'virne',
  variant: 'plain',
  requests: 1000,
  improvements: 0,
  age: 0,
  burst: 1,
  loss: 0,
  delayMs: 0,
  countBytes: false,
};
