import { MusterError } from '../protocol/errors.ts';

const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EROFS: 'the file system is read-only',
  EACCES: 'you have no right to write there',
  EPERM: 'you have no right to write there',
  ENOENT: 'its parent takes no directory',
  ENOTDIR: 'it is not a directory, or not in one',
  EEXIST: 'it is not a directory',
  ENAMETOOLONG: 'its name is too long',
  EFBIG: 'the file would be larger than is allowed',
  EIO: 'the disk has failed',
};

/** Why a file or directory cannot be written, with its cause in words. */
export function cannotWrite(path: string, cause: unknown): MusterError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const why = CAUSES[code] ?? (cause instanceof Error ? cause.message : String(cause));
  return new MusterError('CANNOT_WRITE', `cannot write ${path}: ${why}`, {
    hint:
      code === 'ENOSPC' || code === 'EDQUOT'
        ? 'make room, or name another disk with --out'
        : 'name another directory with --out',
    cause,
  });
}
