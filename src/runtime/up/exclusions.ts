import type { JournalEntry } from '../../protocol/journal.ts';

/** Agents that have been thrown out and not been attested since, as the journal tells of the ledger. */
export class Exclusions {
  readonly #reasons = new Map<string, string>();

  hear(entry: JournalEntry): void {
    if (entry.kind !== 'ledger') return;
    const { event, subject, reason } = entry;
    if (event === 'Revoked') this.#reasons.set(subject, reason);
    else if (event === 'RoundPassed' || event === 'AgentWithdrawn') this.#reasons.delete(subject);
  }

  /** Why each was, by its name. */
  get reasons(): ReadonlyMap<string, string> {
    return this.#reasons;
  }
}
