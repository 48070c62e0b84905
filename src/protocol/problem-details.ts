import { z } from 'zod';

/** What went wrong with a request (RFC 9457, ETSI GS NFV-SOL 013 clause 6.3), as `application/problem+json`. */
export const ProblemDetailsSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  /** What happened, and what to do next. */
  detail: z.string(),
  /** Under `/osm` the name of the status, as Open Source MANO has it; else our own code. */
  code: z.string(),
  /** `detail` in its two parts. */
  reason: z.string(),
  hint: z.string(),
});
export type ProblemDetails = z.infer<typeof ProblemDetailsSchema>;
