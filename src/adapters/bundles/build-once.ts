import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, OutputFile } from 'esbuild';
import { build, version } from 'esbuild';
import { z } from 'zod';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** What was built before, beside the programs that are run from there. */
const KEPT = join(ROOT, 'build/bundles');

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const KeptSchema = z.strictObject({
  /** Every file that went in, and the lock file that says which packages are there. */
  inputs: z.array(z.tuple([z.string(), sha256])).min(1),
  outputs: z.array(z.strictObject({ name: z.string(), sha256 })).min(1),
});

export interface Bundle {
  /** Without its folder. */
  readonly name: string;
  readonly contents: Uint8Array;
}

const digestOf = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

/**
 * What esbuild makes with these options. Of what lies in this checkout it is kept in `dir`, and not made again while no file that went
 * in has changed: it takes a second, and agents wait for it. Throws what esbuild says.
 */
export async function buildOnce(
  options: BuildOptions & { readonly absWorkingDir: string },
  dir = options.absWorkingDir.startsWith(ROOT) ? KEPT : undefined,
): Promise<readonly Bundle[]> {
  if (dir === undefined) return named((await build({ ...options, write: false })).outputFiles);
  const kept = join(dir, digestOf(JSON.stringify([version, options])).slice(0, 16));
  const before = await readKept(kept);
  if (before !== undefined) return before;
  const { outputFiles, metafile } = await build({ ...options, write: false, metafile: true });
  const lock = join(ROOT, 'package-lock.json');
  // Which versions went in cannot be told.
  if (!existsSync(lock)) return named(outputFiles);
  const files = Object.keys(metafile.inputs).map((each) => resolve(options.absWorkingDir, each));
  const inputs = await Promise.all(
    [lock, ...files].map(async (file) => [file, digestOf(await readFile(file))] as const),
  );
  const bundles = named(outputFiles);
  const outputs = bundles.map((each) => ({ name: each.name, sha256: digestOf(each.contents) }));
  for (const { name, contents } of bundles) await put(join(kept, name), contents);
  await put(join(kept, 'made-of.json'), JSON.stringify({ inputs, outputs }));
  return bundles;
}

function named(files: readonly OutputFile[]): readonly Bundle[] {
  return files.map(({ path, contents }) => ({ name: basename(path), contents }));
}

/** Undefined: it was never built, something that went in has changed, or what was kept is damaged. */
async function readKept(dir: string): Promise<readonly Bundle[] | undefined> {
  try {
    const text = await readFile(join(dir, 'made-of.json'), 'utf8');
    const { inputs, outputs } = KeptSchema.parse(JSON.parse(text));
    const same = await Promise.all(
      inputs.map(async ([file, digest]) => digestOf(await readFile(file)) === digest),
    );
    if (same.includes(false)) return undefined;
    return await Promise.all(
      outputs.map(async ({ name, sha256: digest }) => {
        const contents = await readFile(join(dir, basename(name)));
        if (digestOf(contents) !== digest) throw new Error(`${name} is damaged`);
        return { name, contents };
      }),
    );
  } catch {
    return undefined;
  }
}

/** In one step: another process of this checkout may be reading it. */
async function put(path: string, contents: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, contents);
  await rename(part, path);
}
