import type { LedgerState } from '../../core/attestation/ledger-model.ts';
import type { Hex, LedgerEntry, LedgerEvent, PipelineAddress } from '../../protocol/ledger.ts';

export type AuditCheck =
  | 'senders'
  | 'challenges'
  | 'evidence'
  | 'bindings'
  | 'verdicts'
  | 'verifiers'
  | 'revocations'
  | 'versions'
  | 'epochs';

/** An entry of the ledger that is looked at, with what is known where it stands. */
export interface AuditedEntry {
  /** Before it. */
  readonly state: LedgerState;
  readonly entry: LedgerEntry;
  /** Of its block, s. */
  readonly time: number;
  /** Of its transaction. */
  readonly input: Hex;
  readonly pipeline: PipelineAddress;
  /** All that were used before. */
  readonly nonces: Set<Hex>;
  /** Something was looked at, and found wrong or not. */
  look(check: AuditCheck, wrong: boolean, what: string): void;
  /** Counts what was looked at. */
  seen(check: AuditCheck): void;
}

/** The event of a kind. */
export type Of<Kind extends LedgerEvent['kind']> = Extract<LedgerEvent, { kind: Kind }>;
