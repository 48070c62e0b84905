import type { TextSegment } from '../../protocol/measurement.ts';
import { canonicalText } from './canonical-text.ts';

/** Hash of a text's UTF-8 bytes, e.g. SHA-256. */
export type TextHash = (text: string) => Uint8Array;

/** Known to the registry before the agent starts: from the image, the site's enrolment and the plan. */
export interface PlannedClaims {
  /** sha256 of the bundle's or the native program's bytes, hexadecimal. */
  readonly bundleSha256: string;
  /** sha256 of the canonical configuration and policy. */
  readonly policySha256: string;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly uid: number;
  /** sha256 of each native addon that the image brings. */
  readonly addons: readonly string[];
  readonly expected: ExpectedObservations;
  /** sha256 of the guard's own program. */
  readonly guardSha256: string;
  /** 32 bytes, fresh for each incarnation, known to registry and guard only. Hexadecimal. */
  readonly salt: string;
}

/** What the guard must find, said in the reference so that a guard cannot quietly expect something else. */
export interface ExpectedObservations {
  readonly runtimeCode: 'none' | 'v8';
  readonly maxRuntimeCodeBytes: number;
  readonly maxThreads: number;
  readonly writtenTextKb: 0;
  readonly sockets: 'given-only';
}

/**
 * All that the reference covers. The registry takes `segments` from the files on disk (expectedSegments), the guard from the
 * memory of the process; the rest the guard has set itself, since it spawned the process.
 */
export interface ReferenceClaims extends PlannedClaims {
  readonly segments: readonly TextSegment[];
}

/**
 * The reference value R of one incarnation. The same claims give the same 32 bytes, in whatever order segments, variables and
 * addons come; the order of arguments counts. Throws RangeError for a salt that is not 32 bytes.
 */
export function referenceOf(claims: ReferenceClaims, hash: TextHash): Uint8Array {
  if (!/^[0-9a-f]{64}$/.test(claims.salt)) throw new RangeError('the salt must be 32 bytes in hexadecimal');
  return hash(
    `muster-reference-v1\n${canonicalText({
      bundle: claims.bundleSha256,
      policy: claims.policySha256,
      segments: segmentRecords(claims.segments),
      argv: claims.argv,
      environment: claims.environment,
      uid: claims.uid,
      addons: [...claims.addons].sort(),
      expected: { ...claims.expected },
      guard: claims.guardSha256,
      salt: claims.salt,
    })}`,
  );
}

/** Text over which a measurement's digest is taken: segments sorted by file and offset, since mappings come in any order. */
export function segmentsText(segments: readonly TextSegment[]): string {
  return `muster-text-v1\n${canonicalText(segmentRecords(segments))}`;
}

function segmentRecords(segments: readonly TextSegment[]) {
  return sortSegments(segments).map(({ file, offset, sizeBytes, sha256 }) => ({
    file,
    offset,
    sizeBytes,
    sha256,
  }));
}

export function sortSegments(segments: readonly TextSegment[]): readonly TextSegment[] {
  return [...segments].sort((a, b) => (a.file === b.file ? a.offset - b.offset : a.file < b.file ? -1 : 1));
}
