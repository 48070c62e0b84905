import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Loader, type Plugin } from 'esbuild';

/**
 * The command line as JavaScript, in a few files: each module that is found, read and translated by itself costs about a millisecond.
 * `bin/muster.mjs` takes it while nothing that went in has changed.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const kept = join(root, 'build/command');
/** Each build has a folder of its own: what runs from an earlier one still reads there. */
const name = String(Date.now());
const dir = join(kept, name);
/** Whatever is older has long ended, or is an `up` that has read what it needs. */
const MOST_KEPT = 4;

/** Code finds pages, workers and catalogues beside its source: it keeps to that place wherever it is written to. */
const sourceUrls: Plugin = {
  name: 'source-urls',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\.(ts|js|mjs)$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      if (!text.includes('import.meta.')) return undefined;
      const other = /\bimport\.meta\.(?!url\b|resolve\b)\w+/.exec(text)?.[0];
      if (other !== undefined) throw new Error(`${path}: ${other} would be that of the built file`);
      const source = JSON.stringify(relative(dir, path));
      // On the first line: all others keep their numbers.
      const contents = `const musterSource = new URL(${source}, musterBuilt).href; ${text}`;
      return { contents, loader: loaderOf(path), resolveDir: dirname(path) };
    });
  },
};

const loaderOf = (path: string): Loader => (extname(path) === '.ts' ? 'ts' : 'js');

/** What is refused is told in English: the other forty languages are a quarter of all that would be read. */
const onlyEnglish: Plugin = {
  name: 'only-english',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: "export { default as en } from './en.js';",
    }));
  },
};

const beganMs = Date.now();
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['src/cli/main.ts'],
  outdir: dir,
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  // Stack traces name the sources.
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // They look for files of their own, or are programs.
  external: ['classic-level', 'esbuild', 'highs', 'solc', 'tsx'],
  plugins: [sourceUrls, onlyEnglish],
  define: { 'import.meta.url': 'musterSource' },
  banner: {
    // Packages in the older format ask for Node's modules by `require`.
    js: "import { createRequire as musterRequire } from 'node:module'; const musterBuilt = import.meta.url, require = musterRequire(musterBuilt);",
  },
});
// Of packages the lock file says which they are.
const own = Object.keys(metafile.inputs)
  .map((file) => relative(root, resolve(root, file)))
  .filter((file) => !file.startsWith('..') && !file.split('/').includes('node_modules'));
const inputs = [...own, 'package-lock.json', 'scripts/build-command.ts'].sort().map((file) => {
  const path = join(root, file);
  const { ctimeMs, size } = statSync(path);
  if (ctimeMs >= beganMs) throw new Error(`${file} was changed meanwhile: run it again`);
  return { file, ctimeMs, size, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
});
const part = join(dir, 'made-of.json');
writeFileSync(part, JSON.stringify({ main: `${name}/main.mjs`, inputs }));
renameSync(part, join(kept, 'made-of.json'));
const builds = readdirSync(kept).filter((each) => /^\d+$/.test(each));
for (const each of builds.sort().slice(0, -MOST_KEPT)) rmSync(join(kept, each), { recursive: true });
