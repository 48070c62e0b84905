import { dirname } from 'node:path';
import { buildOnce } from '../../adapters/bundles/build-once.ts';

/**
 * One module with everything that an agent runs, comments and names of folders left out: the same source gives the same bytes
 * wherever it lies. `entry` is a TypeScript or JavaScript file. Throws what esbuild says.
 */
export async function bundleAgent(entry: string): Promise<Uint8Array> {
  const [bundle] = await buildOnce({
    entryPoints: [entry],
    // Paths in what is written are relative to this one.
    absWorkingDir: dirname(entry),
    bundle: true,
    outfile: 'agent.mjs',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minify: true,
    legalComments: 'none',
    sourcemap: false,
    charset: 'utf8',
    logLevel: 'silent',
    // A name that only a run would show is one that the attested bytes do not cover.
    packages: 'bundle',
  });
  if (bundle === undefined) throw new Error('esbuild wrote nothing');
  return bundle.contents;
}
