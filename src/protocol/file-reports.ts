import { z } from 'zod';
import { OperationSchema } from './operation-record.ts';

const words = z.string();

/** Something that is wrong with a file, at its place, and how to mend it. */
export const FileProblemSchema = z.strictObject({
  /** As the file was named, and the file within a package. */
  file: z.string(),
  /** From 1. */
  line: z.int(),
  column: z.int(),
  /** Within the document: `vnfd.vdu[0].id`; empty: the whole. */
  path: z.string(),
  message: words,
  mend: words,
  severity: z.enum(['error', 'warning']),
  code: z.string(),
});
export type FileProblem = z.infer<typeof FileProblemSchema>;

/** What came of looking at one file, or at a package of several. */
export const FileReportSchema = z.strictObject({
  name: z.string(),
  kind: z.enum(['nsd', 'vnfd', 'service']).nullable(),
  id: z.string().nullable(),
  version: z.string().nullable(),
  /** `held-back`: another file of those that were sent stands in the way; `read`: a service file that is right. */
  outcome: z.enum(['onboarded', 'updated', 'unchanged', 'refused', 'held-back', 'read']),
  problems: z.array(FileProblemSchema),
  /** The text that problems stand in; null: none is at hand. */
  source: z.strictObject({ file: z.string(), text: z.string() }).nullable(),
});
export type FileReport = z.infer<typeof FileReportSchema>;

/** What would become of files, and of services if they were applied. */
export const FilesCheckedSchema = z.strictObject({
  files: z.array(FileReportSchema),
  /** Services that these files ask for, and what applying them would change. */
  services: z.array(
    z.strictObject({
      service: z.string(),
      changes: z.array(z.strictObject({ about: words, change: words })),
      /** Why it cannot be applied; null: it can. */
      refusal: z.strictObject({ reason: words, hint: words }).nullable(),
    }),
  ),
});
export type FilesChecked = z.infer<typeof FilesCheckedSchema>;

export const FilesOnboardedSchema = z.strictObject({ files: z.array(FileReportSchema) });

export const FilesAppliedSchema = z.strictObject({
  files: z.array(FileReportSchema),
  services: z.array(
    z.strictObject({
      service: z.string(),
      outcome: z.enum(['created', 'updated', 'unchanged', 'planned']),
      changes: z.array(z.strictObject({ about: words, change: words })),
      operation: OperationSchema.nullable(),
    }),
  ),
});
export type FilesApplied = z.infer<typeof FilesAppliedSchema>;
