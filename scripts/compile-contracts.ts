/**
 * Compiles contracts/src offline with the solc of npm into build/contracts/<Name>.json {abi, bytecode, deployedBytecode}, for
 * every contract that can be deployed. Does nothing when the sources are those of the last time. `--quiet`: says errors only.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { ContractSources } from '../src/adapters/ledger/contract-sources.ts';
import {
  COMPILER_SETTINGS,
  CONTRACT_OUTPUT,
  CONTRACT_SOURCES,
  fingerprintOf,
  isCompiledFrom,
  readContractSources,
  SOURCES_STAMP,
} from '../src/adapters/ledger/contract-sources.ts';

const ROOT = join(import.meta.dirname, '..');
const OUT = join(ROOT, CONTRACT_OUTPUT);
/** EIP-170: a larger contract cannot be deployed. */
const MOST_BYTES = 24_576;

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

function readImport(path: string): { contents: string } | { error: string } {
  try {
    return { contents: readFileSync(join(ROOT, 'node_modules', path), 'utf8') };
  } catch {
    return { error: `${path} is not in node_modules: run scripts/setup` };
  }
}

async function compile(sources: ContractSources): Promise<z.infer<typeof outputSchema>> {
  const { default: solc } = await import('solc');
  const input = JSON.stringify({ language: 'Solidity', sources, settings: COMPILER_SETTINGS });
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
    if (!path.startsWith(CONTRACT_SOURCES)) continue;
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
  const sources = readContractSources(ROOT);
  const print = fingerprintOf(ROOT, sources);
  if (isCompiledFrom(ROOT, print)) return 0;
  const { errors, contracts } = await compile(sources);
  for (const { formattedMessage } of errors) console.error(formattedMessage);
  if (errors.some(({ severity }) => severity === 'error')) return 1;
  mkdirSync(OUT, { recursive: true });
  const written = writeArtifacts(contracts);
  replaceFile(join(OUT, SOURCES_STAMP), print);
  if (!process.argv.includes('--quiet')) console.log(`muster: compiled ${written.join(', ')}`);
  return 0;
}

process.exitCode = await main();
