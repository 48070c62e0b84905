import { z } from 'zod';
import { Hex32Schema } from '../../src/protocol/agent-control.ts';

const hex = z.string().regex(/^([0-9a-f]{2})*$/);

/** Records of the log from number `from` on. */
export const ToWitnessSchema = z.strictObject({ from: z.number().int().min(0), records: z.array(hex) });
export type ToWitness = z.infer<typeof ToWitnessSchema>;

export const FromWitnessSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('key'), publicKey: Hex32Schema }),
  z.strictObject({ kind: z.literal('head'), size: z.number().int(), root: hex, signature: hex }),
]);
