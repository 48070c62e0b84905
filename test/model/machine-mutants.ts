import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Machine } from './protocol-rules.ts';

const CORE = join(import.meta.dirname, '../../src/core/attestation');

/** Faults in apply-event.ts: what stands there, and what stands there instead. */
export const MACHINE_MUTANTS: Readonly<Record<string, readonly [string, string]>> = {
  'misses outlive a passed round': ['    misses: 0,\n    reason', '    reason'],
  'misses do not count': ['misses: agent.misses + 1', 'misses: agent.misses'],
  'a round outlives a revocation': ['round: over ? 0 : agent.round', 'round: agent.round'],
  'a silent verifier ends the round': ['if (!own && event.silent !== ZERO) return state;', ''],
  'a verifier is not replaced': ['(each === silent ? successor : each)', '(each)'],
  'the registry does not arbitrate': ['verdictBy, arbitrated: true', 'verdictBy, arbitrated: false'],
  'a fall from trust is not seen': [
    "case 'Suspended':\n      return endValidity",
    "case 'Suspended':\n      return state; endValidity",
  ],
  'the attested set never changes': ['setVersion: event.version', 'setVersion: state.setVersion'],
};

/** The product's state machine with one of these faults built in. Throws when the source no longer has what is to be changed. */
export async function machineWith(mutant: string, dir: string): Promise<Machine> {
  const [from, to] = MACHINE_MUTANTS[mutant] ?? ['', ''];
  const outfile = join(dir, `${mutant.replaceAll(' ', '-')}.mjs`);
  await build({
    stdin: {
      contents: `export { applyBlock, EMPTY_LEDGER } from './ledger-state.ts'; export { keyedAgents, needsEpoch } from './steward.ts';`,
      resolveDir: CORE,
      loader: 'ts',
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    outfile,
    plugins: [
      {
        name: 'mutant',
        setup: (builder) => {
          builder.onLoad({ filter: /apply-event\.ts$/ }, async ({ path }) => {
            const source = await readFile(path, 'utf8');
            if (!source.includes(from)) throw new Error(`${mutant}: apply-event.ts has changed`);
            return { contents: source.replace(from, to), loader: 'ts' };
          });
        },
      },
    ],
  });
  const machine: Machine = await import(pathToFileURL(outfile).href);
  return machine;
}
