import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { gunzipBounded, isGzip } from './gunzip-bounded.ts';
import { PACKAGE_LIMITS, type PackageFiles, refuse, type SourceResult } from './package-limits.ts';
import { readBounded, readFolder } from './read-folder.ts';
import { readTar } from './read-tar.ts';

/** The files of a package, wherever they came from. */
export interface PackageSource {
  readonly origin: 'bare' | 'folder' | 'archive';
  readonly files: PackageFiles;
  /** The folder within an archive in which they lay, e.g. `cirros_vnf/`; else empty. */
  readonly root: string;
}

/** Reads a package from a `.tar.gz` (or `.tar`), a folder, or a descriptor alone, within the limits. */
export async function readSource(path: string): Promise<SourceResult<PackageSource>> {
  const found = await kindOf(path);
  if (found === 'missing') return refuse('there is no such file or folder', 'check its name');
  if (found === 'folder') {
    const files = await readFolder(path);
    return files.ok ? { ok: true, value: { origin: 'folder', files: files.value, root: '' } } : files;
  }
  if (found === 'other')
    return refuse('it is neither a file nor a folder', 'name a .tar.gz, a folder or a .yaml');
  const bytes = await readBounded(path, PACKAGE_LIMITS.archiveBytes);
  if (bytes === undefined) {
    return refuse(`it is larger than ${PACKAGE_LIMITS.archiveBytes} bytes`, 'leave large files out');
  }
  return readSourceBytes(bytes, basename(path));
}

/** The same of a file that is at hand: its bytes, and its name without a path. */
export async function readSourceBytes(bytes: Uint8Array, name: string): Promise<SourceResult<PackageSource>> {
  if (isZip(bytes))
    return refuse('zip archives are not taken', 'pack it with tar: tar czf package.tar.gz my_vnf');
  if (!isGzip(bytes) && !isTar(bytes)) {
    return { ok: true, value: { origin: 'bare', files: new Map([[name, bytes]]), root: '' } };
  }
  const tar = isGzip(bytes) ? await gunzipBounded(bytes) : { ok: true as const, value: bytes };
  if (!tar.ok) return tar;
  const files = readTar(tar.value);
  return files.ok ? { ok: true, value: { origin: 'archive', ...withoutRoot(files.value) } } : files;
}

/** OSM's archives have one folder in which everything lies. */
function withoutRoot(files: PackageFiles): { files: PackageFiles; root: string } {
  const tops = new Set([...files.keys()].map((path) => path.slice(0, path.indexOf('/') + 1)));
  const [root = ''] = tops;
  if (tops.size !== 1 || root === '') return { files, root: '' };
  return { files: new Map([...files].map(([path, bytes]) => [path.slice(root.length), bytes])), root };
}

/** `PK`, and the number of an entry or of an end. */
function isZip([p, k, kind]: Uint8Array): boolean {
  return p === 0x50 && k === 0x4b && (kind === 3 || kind === 5);
}

function isTar(bytes: Uint8Array): boolean {
  return bytes.length >= 512 && new TextDecoder().decode(bytes.subarray(257, 262)) === 'ustar';
}

async function kindOf(path: string): Promise<'file' | 'folder' | 'other' | 'missing'> {
  try {
    // The path that the operator typed may itself be a link.
    const found = await stat(path);
    return found.isDirectory() ? 'folder' : found.isFile() ? 'file' : 'other';
  } catch {
    return 'missing';
  }
}
