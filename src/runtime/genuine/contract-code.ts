import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { HexSchema } from '../../protocol/agent-control.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Hex } from '../../protocol/ledger.ts';

const ArtifactSchema = z.looseObject({ bytecode: HexSchema });

/** Bytecode of the contracts of a pipeline. */
export interface ContractCode {
  readonly attestation: Hex;
  readonly keys: Hex;
}

/** What the compiler has made of the contracts. Throws MusterError when they have not been compiled. */
export async function contractCode(): Promise<ContractCode> {
  const [attestation, keys] = await Promise.all([bytecode('AttestationLedger'), bytecode('KeyVault')]);
  return { attestation, keys };
}

async function bytecode(name: string): Promise<Hex> {
  const path = new URL(`../../../build/contracts/${name}.json`, import.meta.url);
  try {
    return ArtifactSchema.parse(JSON.parse(await readFile(path, 'utf8'))).bytecode;
  } catch (cause) {
    throw new MusterError('NOT_SUPPORTED', `the contract ${name} has not been compiled`, {
      hint: 'make setup',
      cause,
    });
  }
}
