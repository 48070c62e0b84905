import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { privateKeyToAddress } from 'viem/accounts';
import { toHex } from '../../src/adapters/keys/hex.ts';
import { createLedger, deployPipeline } from '../../src/adapters/ledger-rpc/create-ledger.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import type { Hex, LedgerCall, PipelineAddress } from '../../src/protocol/ledger.ts';
import type { Programs } from '../../src/runtime/genuine/build-programs.ts';
import { buildPrograms } from '../../src/runtime/genuine/build-programs.ts';
import { contractCode } from '../../src/runtime/genuine/contract-code.ts';
import { startLedgerProcess } from '../../src/runtime/genuine/ledger-process.ts';

const TIMING = { commitWithin: 30, verdictWithin: 30, validity: 120, period: 60, stewardWithin: 60 };

/** An embedded ledger with fresh contracts, whose roles are all in the hands of the benchmark. */
export interface BenchLedger {
  readonly url: string;
  readonly address: PipelineAddress;
  readonly programs: Programs;
  readonly operator: Ledger;
  readonly registry: Ledger;
  /** An account that is in no role yet. */
  account(): Promise<Ledger>;
  stop(): Promise<void>;
}

export async function benchLedger(directory: string, blockMs: number): Promise<BenchLedger> {
  const programs = await buildPrograms(join(import.meta.dirname, '../../build/programs'));
  const node = await startLedgerProcess({
    program: programs.ledgerNode,
    directory: join(directory, 'ledger'),
    blockMs,
    onNote: () => {},
  });
  const opened: Ledger[] = [];
  try {
    const [operatorKey, registryKey] = [newKey(), newKey()];
    const admin = privateKeyToAddress(operatorKey);
    const roles = { admin, orchestrator: admin, registry: privateKeyToAddress(registryKey) };
    const address = await deployPipeline({
      url: node.url,
      privateKey: operatorKey,
      options: { ...roles, timing: TIMING, verifiersPerRound: 1 },
      bytecode: await contractCode(),
    });
    const open = async (privateKey: Hex): Promise<Ledger> => {
      const ledger = await createLedger({ url: node.url, privateKey, pipeline: address });
      opened.push(ledger);
      return ledger;
    };
    return {
      url: node.url,
      address,
      programs,
      operator: await open(operatorKey),
      registry: await open(registryKey),
      account: () => open(newKey()),
      stop: async () => {
        for (const ledger of opened) ledger.close();
        await node.stop();
      },
    };
  } catch (error) {
    await node.stop();
    throw error;
  }
}

/** Calls of one account at once; the benchmark cannot go on where one is refused. */
export async function mustCall(ledger: Ledger, ...calls: readonly LedgerCall[]): Promise<void> {
  const results = await Promise.all(calls.map((each) => ledger.call(each)));
  for (const [at, result] of results.entries()) {
    if (!result.ok) throw new Error(`${calls[at]?.kind} was refused: ${result.error}`);
  }
}

const newKey = (): Hex => toHex(randomBytes(32));
