import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import {
  CONTRACT_OUTPUT,
  fingerprintOf,
  isCompiledFrom,
  readContractSources,
} from '../../adapters/ledger/contract-sources.ts';
import { HexSchema } from '../../protocol/agent-control.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Hex } from '../../protocol/ledger.ts';

const ArtifactSchema = z.looseObject({ bytecode: HexSchema });
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** Bytecode of the contracts of a pipeline. */
export interface ContractCode {
  readonly attestation: Hex;
  readonly keys: Hex;
}

/**
 * What the compiler has made of the contracts; `root`: of the checkout. Throws MusterError NOT_SUPPORTED when they have not been compiled, or from
 * other sources than are here: such contracts would be deployed, and refuse later what nobody could explain.
 */
export async function contractCode(root: string = ROOT): Promise<ContractCode> {
  const [attestation, keys] = await Promise.all([
    bytecode(root, 'AttestationLedger'),
    bytecode(root, 'KeyVault'),
  ]);
  if (!isCompiledFrom(root, fingerprintOf(root, readContractSources(root)))) {
    throw new MusterError('NOT_SUPPORTED', 'the contracts here were compiled from other sources', {
      hint: 'run make setup',
    });
  }
  return { attestation, keys };
}

async function bytecode(root: string, name: string): Promise<Hex> {
  try {
    const text = await readFile(join(root, CONTRACT_OUTPUT, `${name}.json`), 'utf8');
    return ArtifactSchema.parse(JSON.parse(text)).bytecode;
  } catch (cause) {
    throw new MusterError('NOT_SUPPORTED', `the contract ${name} has not been compiled`, {
      hint: 'run make setup',
      cause,
    });
  }
}
