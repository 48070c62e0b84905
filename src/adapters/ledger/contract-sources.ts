import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Where the contracts are, below the root of a checkout. */
export const CONTRACT_SOURCES = 'contracts/src';
/** Where the compiler's output is, below the same. */
export const CONTRACT_OUTPUT = 'build/contracts';
/** In that, which sources it was made of. */
export const SOURCES_STAMP = '.sources';

/** The same as in contracts/foundry.toml; `london` so that the same bytecode runs on Clique networks too. */
export const COMPILER_SETTINGS = {
  evmVersion: 'london',
  optimizer: { enabled: true, runs: 200 },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
};

/** By path below the root, as the compiler takes them. */
export type ContractSources = Readonly<Record<string, { readonly content: string }>>;

/** Throws when they are not there. */
export function readContractSources(root: string): ContractSources {
  const names = readdirSync(join(root, CONTRACT_SOURCES))
    .filter((name) => name.endsWith('.sol'))
    .sort();
  return Object.fromEntries(
    names.map((name) => {
      const content = readFileSync(join(root, CONTRACT_SOURCES, name), 'utf8');
      return [`${CONTRACT_SOURCES}/${name}`, { content }];
    }),
  );
}

/** sha256, hexadecimal, over what the compiler's output depends on: sources, settings, compiler, and the library that they import. */
export function fingerprintOf(root: string, sources: ContractSources): string {
  const versions = [versionOf(root, 'solc'), versionOf(root, '@openzeppelin/contracts')];
  const parts = [sources, COMPILER_SETTINGS, ...versions];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Whether the output was made of what those sources are now. */
export function isCompiledFrom(root: string, fingerprint: string): boolean {
  try {
    return readFileSync(join(root, CONTRACT_OUTPUT, SOURCES_STAMP), 'utf8') === fingerprint;
  } catch {
    return false;
  }
}

const packageSchema = z.object({ version: z.string() });

function versionOf(root: string, name: string): string {
  const text = readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8');
  return packageSchema.parse(JSON.parse(text)).version;
}
