import type { Hex, LedgerBlock, LedgerCall, PipelineAddress, Timing } from '../protocol/ledger.ts';

/** What became of a call. */
export type CallResult =
  | { readonly ok: true; readonly block: number; readonly transaction: Hex }
  /** Refused by the contract, or not taken in time: `error` says why in words (the contract's own reason where it gave one). */
  | { readonly ok: false; readonly error: string };

export interface CallOptions {
  readonly signal?: AbortSignal;
  onTaken?(): void;
}

/** One account's access to the contracts of one pipeline. No call ever throws for what the chain answers. */
export interface Ledger {
  readonly account: Hex;
  readonly pipeline: PipelineAddress;
  /**
   * Sends a transaction and resolves once its block is final. Calls of one ledger object arrive in the order in which they
   * were made, also when several are under way. `signal` gives up waiting; the transaction may still happen. `onTaken`: the endpoint
   * has it; what others send afterwards comes after it on the embedded ledger, whose blocks keep the order of arrival.
   */
  call(call: LedgerCall, options?: CallOptions): Promise<CallResult>;
  /**
   * Tells every final block from `fromBlock` on that has entries of this pipeline, each once and in order, until stopped; and
   * through `onHead` that the chain has reached a block, entries or not. Reconnects by itself.
   */
  follow(options: {
    readonly fromBlock: number;
    onBlock(block: LedgerBlock): void;
    onHead?(head: { readonly number: number; readonly hash: Hex; readonly timestamp: number }): void;
    /** The endpoint does not answer (true) or answers again (false). */
    onSilence?(silent: boolean): void;
    /** What was final has changed, or the endpoint is another chain now: nothing more is told. */
    onFault?(error: Error): void;
  }): { stop(): void };
  close(): void;
}

export interface DeployOptions {
  readonly admin: Hex;
  readonly orchestrator: Hex;
  readonly registry: Hex;
  readonly timing: Timing;
  readonly verifiersPerRound: number;
}
