import { z } from 'zod';
import { LinkIdSchema } from './ids.ts';
import { LinkLoadSchema } from './plane.ts';

const count = z.number().nonnegative();

/** Of the API of `muster up`: what has been counted since each was started, so that who reads twice knows rates. What cannot be read is not in it. */
export const NetworkCountersSchema = z.strictObject({
  /** ms on the clock of the network. */
  tMs: z.number(),
  /** Links with a stated capacity: of others nothing is counted. */
  links: z.array(LinkLoadSchema.omit({ kind: true }).extend({ link: LinkIdSchema })),
  /** Units of services; bytes of all their interfaces together. */
  units: z.array(
    z.strictObject({
      id: z.string(),
      cpuSeconds: count,
      memoryMib: count,
      receivedBytes: count,
      sentBytes: count,
    }),
  ),
});
export type NetworkCounters = z.infer<typeof NetworkCountersSchema>;
