import { z } from 'zod';

/** What can be wrong with a measured process. */
export const FINDING_KINDS = [
  /** Executable bytes of a file differ from the file's reference. */
  'text-changed',
  /** Executable pages of a file were written to, whatever they hold now. */
  'text-written',
  /** Executable memory that no expected file stands behind. */
  'foreign-code',
  'traced',
  'listening',
  'unexpected-descriptor',
  'argv-changed',
  'environ-changed',
  'executable-changed',
  'threads',
  /** Other users, groups or capabilities than it was given. */
  'privileges',
  /** It could not be measured to the end, which an honest process always can. */
  'unmeasurable',
  /** The process has ended, or another one has its number. */
  'gone',
] as const;

export const FindingSchema = z.strictObject({
  kind: z.enum(FINDING_KINDS),
  /** In words, for the journal. */
  sentence: z.string().max(1000),
});
export type Finding = z.infer<typeof FindingSchema>;

const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'sha256 in lower-case hexadecimal');

/** One executable PT_LOAD segment of an ELF file, in whole pages. */
export const TextSegmentSchema = z.strictObject({
  /** Path, or `exe` for the program itself, wherever it is installed. */
  file: z.string().min(1).max(4096),
  offset: z.int().nonnegative(),
  sizeBytes: z.int().positive(),
  sha256: Sha256Hex,
});
export type TextSegment = z.infer<typeof TextSegmentSchema>;

/** What was seen of a process besides its segments: said, not compared with a reference. */
export interface MeasurementParts {
  readonly segments: readonly TextSegment[];
  /** Further mappings that were found equal to a part of a segment (V8 maps its builtins twice). */
  readonly equalCopies: number;
  /** Anonymous executable memory: code made at run time, which no digest can cover. */
  readonly unhashedCode: { readonly mappings: number; readonly bytes: number };
  /** sha256 of the code that the kernel maps into every process; the same for one boot. */
  readonly vdsoSha256: string;
  /** Pages of text that were written to, kB. */
  readonly writtenTextKb: number;
  readonly threads: number;
  readonly descriptors: number;
}

/** Result of measuring one process: genuine if there are no findings and the digest is the expected one. */
export interface Measurement {
  readonly findings: readonly Finding[];
  /** sha256 over the canonical text of the segments. */
  readonly digest: string;
  readonly parts: MeasurementParts;
}
