import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { gunzipBounded } from './gunzip-bounded.ts';
import { PACKAGE_LIMITS } from './package-limits.ts';
import { readSource } from './read-source.ts';
import { readTar } from './read-tar.ts';
import { makeTar, paxEntry, type TarEntry } from './testing/make-tar.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-archive-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const refusalOf = (entries: readonly TarEntry[]) => {
  const read = readTar(makeTar(entries));
  return read.ok ? 'taken' : read.refusal.message;
};

describe('an archive is refused that has', () => {
  test.each<[string, readonly TarEntry[], string]>([
    ['a path that climbs out', [{ name: 'a/../../etc/passwd' }], 'climbs out'],
    ['a path that climbs and comes back', [{ name: 'a/../b' }], 'climbs out'],
    ['an absolute path', [{ name: '/etc/passwd' }], 'begins at the root'],
    ['a path of another system', [{ name: 'C:/x' }], 'begins at the root'],
    ['a path with backslashes', [{ name: '..\\..\\x' }], 'characters that names do not have'],
    ['a path with controls', [{ name: 'a\u001b[2J' }], 'characters that names do not have'],
    ['a symbolic link', [{ name: 'a', type: '2', linkName: '/etc/passwd' }], 'a symbolic link'],
    ['a hard link', [{ name: 'a', type: '1', linkName: '../x' }], 'a hard link'],
    ['a device', [{ name: 'a', type: '3' }], 'a device'],
    ['a pipe', [{ name: 'a', type: '6' }], 'a pipe'],
    ['a sparse file', [{ name: 'a', type: 'S' }], 'a sparse file'],
    ['an entry of no known kind', [{ name: 'a', type: 'Z' }], 'unknown kind'],
    [
      'a path climbing out in a GNU long name',
      [{ name: 'L', type: 'L', content: '../x\0' }, { name: 'a' }],
      'climbs out',
    ],
    ['a path climbing out in a pax header', [paxEntry({ path: '../x' }), { name: 'a' }], 'climbs out'],
    ['one path for all', [paxEntry({ path: '/x' }, 'g'), { name: 'a' }], 'one path for all'],
    ['a file twice', [{ name: 'a' }, { name: './a' }], 'there twice'],
    ['a file in a file', [{ name: 'a' }, { name: 'a/b' }], 'a file and a folder'],
    [
      'a long path',
      [{ name: 'L', type: 'L', content: `${'a'.repeat(300)}\0` }, { name: 'a' }],
      'a path of 300',
    ],
    ['many folders in one another', [{ name: `${'a/'.repeat(20)}b` }], 'folders in one another'],
    ['a size beyond eight digits', [{ name: 'a', size: '\u0080\u0000\u0000\u0001' }], 'damaged'],
    ['a size that it does not have', [{ name: 'a', size: '77777777777\0' }], 'middle of a file'],
    ['a negative size in pax', [paxEntry({ size: '-1' }), { name: 'a' }], 'damaged'],
    ['no file', [{ name: 'a/', type: '5' }], 'holds no file'],
  ])('%s', (_, entries, told) => {
    expect(refusalOf(entries)).toContain(told);
  });

  test('too many entries', () => {
    const many = Array.from({ length: PACKAGE_LIMITS.entries + 1 }, (_, index) => ({ name: `f${index}` }));
    expect(refusalOf(many.slice(1))).toBe('taken');
    expect(refusalOf(many)).toContain('more than 2000 entries');
  });

  test('a changed header', () => {
    const bytes = makeTar([{ name: 'a' }]);
    bytes[0] = 'b'.charCodeAt(0);
    const read = readTar(bytes);
    expect(read.ok).toBe(false);
  });
});

describe('a bomb', () => {
  test('by ratio is stopped long before all of it is there', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    const read = await gunzipBounded(bomb);
    expect(read).toMatchObject({ ok: false });
    if (!read.ok) expect(read.refusal.message).toContain('that is a bomb');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });

  test('by size is stopped as well', async () => {
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) % 251));
    const read = await gunzipBounded(gzipSync(noise), { unpackedBytes: 200_000, ratio: 1e9 });
    expect(read.ok || read.refusal.message).toContain('more than 200000 bytes');
  });

  test('small archives, which end in zeros, are none', async () => {
    expect((await gunzipBounded(gzipSync(makeTar([{ name: 'a', content: 'b' }])))).ok).toBe(true);
  });

  test('what is cut off is damaged, not half of it', async () => {
    const packed = gzipSync(makeTar([{ name: 'a', content: 'b'.repeat(5000) }]));
    expect(await gunzipBounded(packed.subarray(0, packed.length - 12))).toMatchObject({ ok: false });
  });
});

const hasTar = spawnSync('tar', ['--version']).status === 0;

describe('what tools write is taken', () => {
  const folder = join(dir, 'my_vnf');
  const long = `${'long-name-'.repeat(9)}.txt`;
  mkdirSync(join(folder, 'cloud_init'), { recursive: true });
  writeFileSync(join(folder, 'my_vnfd.yaml'), 'vnfd: {}\n');
  writeFileSync(join(folder, 'cloud_init', long), 'x');

  test.runIf(hasTar).each(['gnu', 'ustar', 'pax', 'v7'])('tar --format=%s', async (format) => {
    const file = join(dir, `${format}.tar.gz`);
    // The oldest format has no room for long names.
    const named = format === 'v7' ? 'my_vnf/my_vnfd.yaml' : 'my_vnf';
    const { status } = spawnSync('tar', ['czf', file, `--format=${format}`, named], { cwd: dir });
    expect(status).toBe(0);
    const read = await readSource(file);
    const wanted = format === 'v7' ? ['my_vnfd.yaml'] : [`cloud_init/${long}`, 'my_vnfd.yaml'];
    expect(read.ok && [...read.value.files.keys()].sort()).toEqual(wanted);
    expect(read.ok && read.value.root).toBe('my_vnf/');
  });

  test('a folder gives the same files, and a link in it is refused', async () => {
    const read = await readSource(folder);
    expect(read.ok && [...read.value.files.keys()].sort()).toEqual([`cloud_init/${long}`, 'my_vnfd.yaml']);
    const other = join(dir, 'linked');
    mkdirSync(other);
    symlinkSync('/etc/passwd', join(other, 'x_vnfd.yaml'));
    const refused = await readSource(other);
    expect(refused.ok || refused.refusal).toMatchObject({ entry: 'x_vnfd.yaml' });
  });

  test('a pipe is not waited for', async () => {
    const pipe = join(dir, 'pipe');
    if (spawnSync('mkfifo', [pipe]).status !== 0) return;
    expect(await readSource(pipe)).toMatchObject({ ok: false });
  });
});
