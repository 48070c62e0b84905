import type { DeployOptions, Ledger } from '../../ports/ledger.ts';
import type { Hex, PipelineAddress } from '../../protocol/ledger.ts';

export interface LedgerOptions {
  /** JSON-RPC over HTTP; `unix:PATH`: over a Unix socket. */
  readonly url: string;
  /** Of the account that sends, 32 bytes. */
  readonly privateKey: Hex;
  readonly pipeline: PipelineAddress;
  /** How often the chain is looked at, ms; one look serves all calls and followers. */
  readonly pollMs?: number;
  /** Blocks on top of one until it is final: 0 for the embedded node and Besu, n/2 + 1 for Clique with n signers. */
  readonly confirmations?: number;
  /** A call that is not final after this is given up, ms. */
  readonly finalWithinMs?: number;
  /** Gas limit of each transaction. It is not estimated: what a call costs depends on the time of a block that is not there yet. */
  readonly gas?: number;
}

/**
 * One account's access to the contracts of a pipeline, over JSON-RPC. Addresses that it tells are in lower case.
 * @throws LEDGER_FAILED when nothing answers at the URL, or not the chain that the pipeline is on.
 */
export async function createLedger(options: LedgerOptions): Promise<Ledger> {
  const { connectLedger } = await import('./connect-ledger.ts');
  return connectLedger(options);
}

export interface DeployPipelineOptions {
  readonly url: string;
  readonly privateKey: Hex;
  readonly options: DeployOptions;
  /** As the compiler made it, for `london`. */
  readonly bytecode: { readonly attestation: Hex; readonly keys: Hex };
  readonly pollMs?: number;
  readonly confirmations?: number;
  readonly gas?: number;
  readonly finalWithinMs?: number;
}

/**
 * Puts both contracts of a new pipeline on a chain; resolves once that is final.
 * @throws LEDGER_FAILED when the chain does not take them.
 */
export async function deployPipeline(options: DeployPipelineOptions): Promise<PipelineAddress> {
  const { deployContracts } = await import('./deploy-contracts.ts');
  return deployContracts(options);
}
