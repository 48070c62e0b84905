import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { getContractAddress } from 'viem';
import { addressOf } from '../../adapters/keys/ethereum-account.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import { deployPipeline } from '../../adapters/ledger-rpc/create-ledger.ts';
import { lower } from '../../adapters/ledger-rpc/decode-event.ts';
import type { Hex, PipelineAddress, Timing } from '../../protocol/ledger.ts';
import { contractCode } from './contract-code.ts';
import type { SupervisedLedger } from './ledger-process.ts';
import { superviseLedger } from './ledger-process.ts';
import type { Groundwork } from './materials.ts';
import type { PipelineOptions } from './pipeline-options.ts';

const BLOCK_MS = 1000;

/** A fresh ledger, and the accounts that hold roles in the pipeline on it. */
export interface FoundedLedger {
  readonly ledger: SupervisedLedger;
  readonly operatorKey: Hex;
  readonly registryKey: Hex;
  /** Of AttestationLedger, which will be there. */
  readonly contract: Hex;
  /** Chain, genesis and contract: what is signed and sealed is bound to it. */
  readonly name: string;
}

/** A ledger that comes up, and then the contracts of a pipeline on it. */
export interface Founding {
  readonly founded: Promise<FoundedLedger>;
  readonly deployed: Promise<PipelineAddress>;
  /** Resolves when nothing of it runs any more, also when it was still coming up. */
  stop(): Promise<void>;
}

/** Begins both at once: everything else waits for blocks. What fails is told by the promise that is asked for. */
export function foundPipeline(
  groundwork: Groundwork,
  options: Pick<PipelineOptions, 'onNote' | 'onFault'>,
  terms: Terms,
): Founding {
  const founded = foundLedger(groundwork, options);
  const deployed = founded.then((ledger) => deployContracts(ledger, terms));
  const stop = () =>
    founded.then(
      ({ ledger }) => ledger.stop(),
      () => {},
    );
  // Asked for later, or not at all when something else has failed.
  for (const each of [founded, deployed]) each.catch(() => {});
  return { founded, deployed, stop };
}

interface Terms {
  readonly timing: Timing;
  readonly verifiersPerRound: number;
}

/** Starts the embedded ledger. Throws MusterError when it does not come up. */
async function foundLedger(
  { programs, hidden }: Groundwork,
  { onNote, onFault }: Pick<PipelineOptions, 'onNote' | 'onFault'>,
): Promise<FoundedLedger> {
  const operatorKey = toHex(randomBytes(32));
  const registryKey = toHex(randomBytes(32));
  const operator = lower(addressOf(operatorKey));
  // Known before it is there: the first contract of a fresh account.
  const contract = lower(getContractAddress({ from: operator, nonce: 0n }));
  const ledger = await superviseLedger({
    program: programs.ledgerNode,
    directory: join(hidden, 'ledger'),
    socket: join(hidden, 'ledger.sock'),
    blockMs: BLOCK_MS,
    roles: { contract, operator },
    onNote,
    onTrouble: (reason) => onFault('ledger-trouble', 'ledger', reason),
    onCut: ({ bytes, records }) =>
      onFault(
        'ledger-cut',
        'ledger',
        `the end of the ledger's journal was damaged: ${bytes} bytes (${records} records, none of them acknowledged) were cut off`,
      ),
  });
  const name = `${ledger.chainId}:${ledger.genesisHash}:${contract}`;
  return { ledger, operatorKey, registryKey, contract, name };
}

/** Deploys the contracts of a pipeline; the operator is their orchestrator, too. Throws MusterError when that is refused. */
async function deployContracts(
  { ledger, operatorKey, registryKey }: FoundedLedger,
  terms: Terms,
): Promise<PipelineAddress> {
  const operator = addressOf(operatorKey);
  const registry = addressOf(registryKey);
  const roles = { admin: operator, orchestrator: operator, registry };
  const options = { ...roles, ...terms };
  const bytecode = await contractCode();
  return deployPipeline({ url: ledger.url, privateKey: operatorKey, options, bytecode });
}
