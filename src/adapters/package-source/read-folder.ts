import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_LIMITS, refuse, type SourceResult } from './package-limits.ts';
import { safePath } from './safe-path.ts';

/** The files of a folder and those within it. Links are refused, as in an archive: what they point to may be anything. */
export async function readFolder(folder: string): Promise<SourceResult<ReadonlyMap<string, Uint8Array>>> {
  const files = new Map<string, Uint8Array>();
  const open: string[] = [''];
  let entries = 0;
  let bytes = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const name of (await readdir(join(folder, at))).sort()) {
      // What version control and editors keep beside a package is none of it.
      if (at === '' && name === '.git') continue;
      const raw = at === '' ? name : `${at}/${name}`;
      entries += 1;
      if (entries > PACKAGE_LIMITS.entries) {
        return refuse(
          `more than ${PACKAGE_LIMITS.entries} entries`,
          'leave out what the package does not need',
        );
      }
      const path = safePath(raw);
      if (!path.ok) return path;
      const found = await lstat(join(folder, raw));
      if (found.isDirectory()) open.push(raw);
      else if (!found.isFile()) {
        const what = found.isSymbolicLink() ? 'a symbolic link' : 'no regular file';
        return refuse(
          `${what}: packages hold files and folders alone`,
          'put the file itself in its place',
          raw,
        );
      } else {
        const room = PACKAGE_LIMITS.unpackedBytes - bytes;
        const content = await readBounded(join(folder, raw), room);
        if (content === undefined) {
          return refuse(
            `more than ${PACKAGE_LIMITS.unpackedBytes} bytes in all`,
            'leave large files out',
            raw,
          );
        }
        bytes += content.length;
        files.set(path.value, content);
      }
    }
  }
  return { ok: true, value: files };
}

/** A file of at most `most` bytes; undefined: it has more, also when it grew while it was read. */
export async function readBounded(path: string, most: number): Promise<Uint8Array | undefined> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    if (size > most) return undefined;
    const buffer = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const { bytesRead } = await handle.read(buffer, length, size - length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return buffer.subarray(0, length);
  } finally {
    await handle.close();
  }
}
