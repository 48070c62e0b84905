import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildOnce } from '../bundles/build-once.ts';

const ENTRY = fileURLToPath(new URL('../../functions/main.ts', import.meta.url));

/**
 * The programs of the catalogue as one file that a unit's user may read: our sources lie where that user may not, and need a loader.
 * Named by its content, so units that run keep theirs when we are updated. Answers its path.
 */
export async function bundleFunctions(stateDir: string): Promise<string> {
  const [file] = await buildOnce({
    absWorkingDir: dirname(ENTRY),
    entryPoints: [ENTRY],
    bundle: true,
    outfile: 'functions.mjs',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    logLevel: 'silent',
    packages: 'bundle',
  });
  if (file === undefined) throw new Error('esbuild wrote nothing');
  const dir = join(stateDir, 'programs');
  mkdirSync(dir, { recursive: true, mode: 0o755 });
  const name = createHash('sha256').update(file.contents).digest('hex').slice(0, 16);
  const path = join(dir, `${name}.mjs`);
  if (!existsSync(path)) {
    writeFileSync(`${path}.next`, file.contents, { mode: 0o644 });
    renameSync(`${path}.next`, path);
  }
  return path;
}
