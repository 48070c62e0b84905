import { z } from 'zod';
import { JsonSchema } from './json.ts';

/** Longest line on the channel between a guard and its agent, bytes. */
export const MAX_CONTROL_LINE_BYTES = 1 << 20;

/** One line on that channel: an object with a kind. What each kind carries, its reader checks. */
export const ControlLineSchema = z.object({ kind: z.string().min(1).max(64) }).catchall(JsonSchema);
export type ControlLine = z.infer<typeof ControlLineSchema>;
