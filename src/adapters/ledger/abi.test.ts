import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Abi } from 'viem';
import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { attestationLedgerAbi, keyVaultAbi } from './abi.ts';

const ROOT = join(import.meta.dirname, '../../..');
const artifactSchema = z.object({ abi: z.array(z.unknown()) });

/** One line an entry; their order is not part of the interface. */
function entries(abi: readonly unknown[]): string[] {
  return abi.map((entry) => JSON.stringify(sorted(entry))).sort();
}

/** What the compiler spells out where viem leaves it out: not indexed, not anonymous, without a name; and Solidity's own types. */
function isUnsaid(key: string, content: unknown): boolean {
  return content === false || (key === 'name' && content === '') || key === 'internalType';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const pairs = Object.entries(value)
    .filter(([key, content]) => !isUnsaid(key, content))
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, content]): [string, unknown] => [key, sorted(content)]);
  return Object.fromEntries(pairs);
}

function compiled(name: string): readonly unknown[] {
  const text = readFileSync(join(ROOT, `build/contracts/${name}.json`), 'utf8');
  return artifactSchema.parse(JSON.parse(text)).abi;
}

beforeAll(() => {
  execFileSync('npx', ['--no-install', 'tsx', 'scripts/compile-contracts.ts', '--quiet'], {
    cwd: ROOT,
    timeout: 60_000,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}, 70_000);

const written: readonly (readonly [string, Abi])[] = [
  ['AttestationLedger', attestationLedgerAbi],
  ['KeyVault', keyVaultAbi],
];

it.each(written)('the ABI of %s that is written down is the one that is compiled', (name, abi) => {
  expect(entries(abi)).toEqual(entries(compiled(name)));
});
