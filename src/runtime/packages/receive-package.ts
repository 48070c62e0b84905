import { createHash, type Hash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { PACKAGE_LIMITS } from '../../adapters/package-source/package-limits.ts';
import { readSource } from '../../adapters/package-source/read-source.ts';
import { MusterError } from '../../protocol/errors.ts';
import { type OpenedPackage, openRefused, openSource } from './examine-package.ts';

/** Packages that are received at one time: each may fill memory as its limits allow. */
const AT_ONCE = 2;
let receiving = 0;

/** Why a package was not even taken. */
export type Received =
  | { readonly kind: 'opened'; readonly opened: OpenedPackage; readonly md5: string }
  | { readonly kind: 'too-large'; readonly mostBytes: number }
  | { readonly kind: 'busy' };

/**
 * Takes a package that comes over the network: into a file that nobody else can read and that is gone afterwards, not past the limits.
 * `name`: what the sender calls it, for messages alone.
 */
export async function receivePackage(stream: Readable, name: string): Promise<Received> {
  return (await oneOfFew(() => receive(stream, name))) ?? { kind: 'busy' };
}

/** Does what may fill memory with packages, unless as much of it is being done as may be at one time: undefined. */
export async function oneOfFew<T>(work: () => Promise<T>): Promise<T | undefined> {
  if (receiving >= AT_ONCE) return undefined;
  receiving++;
  try {
    return await work();
  } finally {
    receiving--;
  }
}

async function receive(stream: Readable, name: string): Promise<Received> {
  const directory = await mkdtemp(join(tmpdir(), 'muster-package-'));
  try {
    const label = plainName(name);
    const path = join(directory, label);
    // Finds damage, not deceit.
    const md5 = createHash('md5');
    if (!(await written(stream, path, md5))) {
      return { kind: 'too-large', mostBytes: PACKAGE_LIMITS.archiveBytes };
    }
    const read = await readSource(path);
    const opened = read.ok ? openSource(read.value, label) : openRefused(label, read.refusal);
    return { kind: 'opened', opened, md5: md5.digest('hex') };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** False: there was more than a package may have. */
async function written(stream: Readable, path: string, md5: Hash): Promise<boolean> {
  const file = await open(path, 'wx', 0o600);
  let bytes = 0;
  try {
    // Left as it is when this ends early: a stream that is ended takes the connection with it, and the sender would not hear why.
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      if (!(chunk instanceof Uint8Array)) throw new MusterError('INTERNAL', 'a package that is no bytes');
      bytes += chunk.length;
      if (bytes > PACKAGE_LIMITS.archiveBytes) return false;
      md5.update(chunk);
      await file.writeFile(chunk);
    }
    return true;
  } finally {
    await file.close();
  }
}

/** A sender's name for a file: a name of a file, and nothing of a path. */
function plainName(name: string): string {
  const plain = basename(name.replaceAll('\\', '/'))
    .replaceAll(/[^\w.-]/g, '_')
    .slice(0, 100);
  return /^\.*$/.test(plain) ? 'package' : plain;
}
