/** What a package may be: enough for functions with charms and icons, too little to hurt who reads it. */
export const PACKAGE_LIMITS = {
  /** Of an archive as it is, in bytes. */
  archiveBytes: 64 * 1024 * 1024,
  /** Of all its files together, in bytes. */
  unpackedBytes: 128 * 1024 * 1024,
  /** Unpacked bytes for each packed one, once there is more than a megabyte: text packs ten times, a bomb a thousand. */
  ratio: 100,
  /** Files and folders. */
  entries: 2000,
  /** Of a path, in characters. */
  pathChars: 255,
  /** Folders in folders. */
  depth: 16,
  /** Of a descriptor, in bytes. */
  descriptorBytes: 1_000_000,
} as const;

/** Bytes from which the ratio counts: small archives end in a lot of zeros. */
export const RATIO_FROM_BYTES = 1024 * 1024;

/** Files of a package by their path with `/`, the package's own folder left out. */
export type PackageFiles = ReadonlyMap<string, Uint8Array>;

/** Why a package is not even looked into. `entry`: which of its entries is to blame. */
export interface SourceRefusal {
  readonly entry: string | undefined;
  readonly message: string;
  readonly mend: string;
}

export type SourceResult<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: SourceRefusal };

export function refuse(
  message: string,
  mend: string,
  entry?: string,
): { readonly ok: false; readonly refusal: SourceRefusal } {
  return { ok: false, refusal: { entry, message, mend } };
}
