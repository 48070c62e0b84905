/**
 * Compiles contracts/src offline with the solc of npm into build/contracts/<Name>.json {abi, bytecode, deployedBytecode}, for
 * every contract that can be deployed. Does nothing when the sources are those of the last time. `--quiet`: says errors only.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = 'contracts/src';
const OUT = join(ROOT, 'build/contracts');
const STAMP = join(OUT, '.sources');
/** EIP-170: a larger contract cannot be deployed. */
const MOST_BYTES = 24_576;

/** The same as in contracts/foundry.toml; `london` so that the same bytecode runs on Clique networks too. */
const SETTINGS = {
  evmVersion: 'london',
  optimizer: { enabled: true, runs: 200 },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
};

const packageSchema = z.object({ version: z.string() });
const codeSchema = z.object({ object: z.string() });
const outputSchema = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).default([]),
  contracts: z
    .record(
      z.string(),
      z.record(
        z.string(),
        z.object({
          abi: z.array(z.unknown()),
          evm: z.object({ bytecode: codeSchema, deployedBytecode: codeSchema }),
        }),
      ),
    )
    .default({}),
});

type Sources = Record<string, { content: string }>;

function readSources(): Sources {
  const names = readdirSync(join(ROOT, SOURCES))
    .filter((name) => name.endsWith('.sol'))
    .sort();
  return Object.fromEntries(
    names.map((name) => [`${SOURCES}/${name}`, { content: readFileSync(join(ROOT, SOURCES, name), 'utf8') }]),
  );
}

function versionOf(name: string): string {
  const text = readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8');
  return packageSchema.parse(JSON.parse(text)).version;
}

/** What the artifacts depend on: sources, settings, compiler, and the library that they import. */
function fingerprint(sources: Sources): string {
  const parts = [sources, SETTINGS, versionOf('solc'), versionOf('@openzeppelin/contracts')];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function isUpToDate(print: string): boolean {
  try {
    return readFileSync(STAMP, 'utf8') === print;
  } catch {
    return false;
  }
}

function readImport(path: string): { contents: string } | { error: string } {
  try {
    return { contents: readFileSync(join(ROOT, 'node_modules', path), 'utf8') };
  } catch {
    return { error: `${path} is not in node_modules: run scripts/setup` };
  }
}

async function compile(sources: Sources): Promise<z.infer<typeof outputSchema>> {
  const { default: solc } = await import('solc');
  const input = JSON.stringify({ language: 'Solidity', sources, settings: SETTINGS });
  const output: string = solc.compile(input, { import: readImport });
  return outputSchema.parse(JSON.parse(output));
}

/** In one step, since tests that run beside one another all see to the artifacts. */
function replaceFile(path: string, content: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, content);
  renameSync(draft, path);
}

/** @returns the names of the contracts written. */
function writeArtifacts(contracts: z.infer<typeof outputSchema>['contracts']): string[] {
  const written: string[] = [];
  for (const [path, inFile] of Object.entries(contracts)) {
    if (!path.startsWith(SOURCES)) continue;
    for (const [name, { abi, evm }] of Object.entries(inFile)) {
      if (evm.bytecode.object === '') continue;
      const bytes = evm.deployedBytecode.object.length / 2;
      if (bytes > MOST_BYTES)
        throw new Error(`${name} has ${bytes} bytes; a chain takes at most ${MOST_BYTES}`);
      const artifact = {
        abi,
        bytecode: `0x${evm.bytecode.object}`,
        deployedBytecode: `0x${evm.deployedBytecode.object}`,
      };
      replaceFile(join(OUT, `${name}.json`), `${JSON.stringify(artifact)}\n`);
      written.push(`${name} (${bytes} bytes)`);
    }
  }
  return written;
}

async function main(): Promise<number> {
  const sources = readSources();
  const print = fingerprint(sources);
  if (isUpToDate(print)) return 0;
  const { errors, contracts } = await compile(sources);
  for (const { formattedMessage } of errors) console.error(formattedMessage);
  if (errors.some(({ severity }) => severity === 'error')) return 1;
  mkdirSync(OUT, { recursive: true });
  const written = writeArtifacts(contracts);
  replaceFile(STAMP, print);
  if (!process.argv.includes('--quiet')) console.log(`muster: compiled ${written.join(', ')}`);
  return 0;
}

process.exitCode = await main();
