import { PACKAGE_LIMITS, refuse, type SourceResult } from './package-limits.ts';
import { paxRecords } from './pax-records.ts';
import { safePath } from './safe-path.ts';

const BLOCK = 512;
/** Most bytes of a long name or an extended header: a name of 255 characters fits many times. */
const MAX_META = 16 * 1024;

const REFUSED: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a pipe',
  K: 'a link',
  S: 'a sparse file',
};

interface Header {
  readonly name: string;
  readonly size: number;
  readonly type: string;
}

/**
 * The files of a tar archive (POSIX ustar and pax, GNU long names), without writing any of them. Only files and folders are
 * taken: links, devices, paths that leave the archive, a path that is there twice, and too many entries are refused.
 */
export function readTar(bytes: Uint8Array): SourceResult<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const folders = new Set<string>();
  let entries = 0;
  let longName: string | undefined;
  let longSize: number | undefined;
  for (let at = 0; at + BLOCK <= bytes.length; ) {
    const block = bytes.subarray(at, at + BLOCK);
    if (block.every((byte) => byte === 0)) return finished(files, folders);
    const header = readHeader(block);
    if (header === undefined) return damaged('a header that is none');
    const size = header.type === '5' ? 0 : (longSize ?? header.size);
    const from = at + BLOCK;
    const content = bytes.subarray(from, from + size);
    if (content.length < size) return damaged('it ends in the middle of a file');
    at = from + Math.ceil(size / BLOCK) * BLOCK;
    if (header.type === 'L' || header.type === 'x' || header.type === 'g') {
      if (size > MAX_META) return damaged('a header that is too large');
      entries += 1;
      if (entries > 2 * PACKAGE_LIMITS.entries) return tooMany();
      if (header.type === 'L') longName = text(content);
      const records = header.type === 'L' ? undefined : paxRecords(content);
      if (header.type !== 'L' && records === undefined) return damaged('an extended header that is none');
      if (header.type === 'x') {
        longName = records?.get('path') ?? longName;
        const told = records?.get('size');
        if (told !== undefined && !/^\d{1,12}$/.test(told)) return damaged('a size that is none');
        longSize = told === undefined ? undefined : Number(told);
      } else if (records?.has('path') === true || records?.has('size') === true) {
        return damaged('one path for all its entries');
      }
      continue;
    }
    const raw = longName ?? header.name;
    longName = undefined;
    longSize = undefined;
    entries += 1;
    if (entries > PACKAGE_LIMITS.entries) return tooMany();
    if (header.type !== '0' && header.type !== '7' && header.type !== '5') {
      const what = REFUSED[header.type] ?? 'an entry of an unknown kind';
      return refuse(
        `${what}: packages hold files and folders alone`,
        'put the file itself in its place',
        raw,
      );
    }
    const path = safePath(raw);
    if (!path.ok) return path;
    if (header.type === '5') folders.add(path.value);
    else if (path.value === '') return damaged('a file without a name');
    else if (files.has(path.value)) {
      return refuse('it is there twice', 'pack it again: one of the two would hide the other', raw);
    } else files.set(path.value, content);
  }
  return files.size === 0 ? damaged('it is not a tar archive') : finished(files, folders);
}

/** A path cannot be a file and a folder as well. */
function finished(
  files: ReadonlyMap<string, Uint8Array>,
  folders: ReadonlySet<string>,
): SourceResult<ReadonlyMap<string, Uint8Array>> {
  for (const path of files.keys()) {
    const parts = path.split('/');
    const parents = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
    const clash = folders.has(path) ? path : parents.find((parent) => files.has(parent));
    if (clash !== undefined) return refuse('it is a file and a folder', 'pack it again', clash);
  }
  return { ok: true, value: files };
}

function tooMany() {
  return refuse(`more than ${PACKAGE_LIMITS.entries} entries`, 'leave out what the package does not need');
}

function damaged(why: string) {
  return refuse(`the archive is damaged: ${why}`, 'pack it again, or fetch it again');
}

function readHeader(block: Uint8Array): Header | undefined {
  const stored = octal(block.subarray(148, 156));
  // The checksum counts its own field as spaces.
  const sum = block.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  const size = octal(block.subarray(124, 136));
  if (stored !== sum || size === undefined) return undefined;
  const posix = text(block.subarray(257, 265)) === 'ustar';
  const prefix = posix ? text(block.subarray(345, 500)) : '';
  const name = text(block.subarray(0, 100));
  const flag = String.fromCharCode(block[156] ?? 0);
  const type = flag === '\0' ? (name.endsWith('/') ? '5' : '0') : flag;
  return { name: prefix === '' ? name : `${prefix}/${name}`, size, type };
}

/** Undefined for anything but octal digits: sizes beyond them (base 256) are larger than a package may be. */
function octal(field: Uint8Array): number | undefined {
  const digits = text(field).trim();
  if (digits === '') return 0;
  return /^[0-7]{1,11}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Up to the first zero. What is not UTF-8 becomes U+FFFD, which no path may have. */
function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end));
}
