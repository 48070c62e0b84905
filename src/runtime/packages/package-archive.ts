import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { StoreView } from '../../ports/store.ts';
import type { PackageRecord } from '../../protocol/package-record.ts';
import { fileKey } from './package-keys.ts';

const BLOCK = 512;
const compress = promisify(gzip);

/** A stored package as it can be onboarded again: its descriptor alone when it came alone, else a `.tar.gz` with one folder. */
export async function packageArchive(
  view: StoreView,
  { kind, id, origin, descriptor, files }: PackageRecord,
): Promise<{ readonly type: string; readonly bytes: Uint8Array }> {
  const bytesOf = async (path: string) => (await view.get(fileKey(kind, id, path))) ?? new Uint8Array();
  if (origin === 'bare') return { type: 'application/yaml', bytes: await bytesOf(descriptor) };
  const blocks: Uint8Array[] = [];
  const folder = id.replaceAll(/[^\w.-]/g, '_').slice(0, 60);
  for (const { path } of files) {
    const content = await bytesOf(path);
    const name = Buffer.from(`${folder}/${path}`);
    if (name.length > 100) blocks.push(...paxPath(name));
    blocks.push(header(name.subarray(0, 100), content.length, '0'), ...padded(content));
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  return { type: 'application/gzip', bytes: await compress(Buffer.concat(blocks)) };
}

/** The descriptor of a stored package, as it was onboarded. */
export async function descriptorBytes(view: StoreView, { kind, id, descriptor }: PackageRecord) {
  return (await view.get(fileKey(kind, id, descriptor))) ?? new Uint8Array();
}

/** A header of its own for a path that the next one has no room for (POSIX.1-2001 pax). */
function paxPath(name: Uint8Array): readonly Uint8Array[] {
  const rest = Buffer.concat([Buffer.from(' path='), name, Buffer.from('\n')]);
  const digits = [1, 2, 3, 4].find((each) => String(each + rest.length).length === each) ?? 4;
  const record = Buffer.concat([Buffer.from(String(digits + rest.length)), rest]);
  return [header(Buffer.from('PaxHeaders/path'), record.length, 'x'), ...padded(record)];
}

function padded(content: Uint8Array): readonly Uint8Array[] {
  return [content, new Uint8Array((BLOCK - (content.length % BLOCK)) % BLOCK)];
}

function header(name: Uint8Array, length: number, type: string): Uint8Array {
  const block = Buffer.alloc(BLOCK);
  block.set(name, 0);
  block.write('0000644\u00000000000\u00000000000\u0000', 100);
  block.write(`${length.toString(8).padStart(11, '0')}\u0000`, 124);
  block.write(`${'0'.repeat(11)}\u0000`, 136);
  block.write(type, 156);
  block.write('ustar\u000000', 257);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\u0000 `, 148);
  return block;
}
