import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { buildOnce } from './build-once.ts';

const dir = mkdtempSync(join(tmpdir(), 'muster-bundles-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
const kept = join(dir, 'kept');
const options = { absWorkingDir: dir, entryPoints: ['main.ts'], bundle: true, outfile: 'main.mjs' };
const built = async () => {
  const [bundle] = await buildOnce(options, kept);
  return { name: bundle?.name, text: Buffer.from(bundle?.contents ?? []).toString() };
};

test('is built again when anything that went in has changed, or what was kept is damaged, and else not', async () => {
  write('part.ts', 'export const part: string = "one";');
  write('main.ts', 'import { part } from "./part.ts"; console.log(part);');
  const first = await built();
  expect(first.name).toBe('main.mjs');
  expect(first.text).toContain('"one"');
  const [folder = ''] = readdirSync(kept);
  const file = join(kept, folder, 'main.mjs');
  // What is kept is what is answered: of a build nothing would be seen.
  expect(await built()).toEqual(first);
  write('part.ts', 'export const part: string = "two";');
  const second = await built();
  expect(second.text).toContain('"two"');
  writeFileSync(file, 'console.log("somebody else");');
  expect(await built()).toEqual(second);
  writeFileSync(join(kept, folder, 'made-of.json'), '{"inputs":[],"outputs":[]}');
  expect(await built()).toEqual(second);
  expect(readdirSync(kept)).toEqual([folder]);
});

test('fails as the builder fails, and keeps nothing of it', async () => {
  write('broken.ts', 'export const = 1');
  await expect(
    buildOnce({ ...options, entryPoints: ['broken.ts'], logLevel: 'silent' }, join(dir, 'none')),
  ).rejects.toThrow('broken.ts');
});
