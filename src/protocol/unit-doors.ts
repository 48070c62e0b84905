import { z } from 'zod';

const words = z.string().max(600);

/** Query of a unit's log: how much of its end. */
export const LogQuerySchema = z.strictObject({
  bytes: z.coerce.number().int().min(1).max(262_144).default(16_384),
});

export const UnitLogSchema = z.strictObject({ unit: words, text: z.string() });
export type UnitLog = z.infer<typeof UnitLogSchema>;

/** A command with its arguments, as the system takes it: no shell looks at it. */
export const ExecRequestSchema = z.strictObject({
  command: z.array(z.string().min(1).max(4096)).min(1).max(100),
  timeoutMs: z.int().min(100).max(60_000).default(10_000),
});
export type ExecRequest = z.input<typeof ExecRequestSchema>;

export const ExecutedSchema = z.strictObject({
  unit: words,
  /** `twin`: the unit is a model, and answers as one. */
  plane: z.enum(['twin', 'linux']),
  /** 124: it was ended when its time was over. */
  exitCode: z.int(),
  stdout: z.string(),
  stderr: z.string(),
});
export type Executed = z.infer<typeof ExecutedSchema>;

/** Where a shell enters a unit on this machine. */
export const UnitEntrySchema = z.strictObject({
  /** The process that is number 1 in the unit. */
  pid: z.int().positive(),
  /** What is its home in there. */
  directory: z.string().startsWith('/').max(4096),
  /** Files of its control groups: who writes its number there is within the unit's limits. */
  groups: z.array(z.string().startsWith('/').max(4096)).max(20),
});
export type UnitEntry = z.infer<typeof UnitEntrySchema>;
