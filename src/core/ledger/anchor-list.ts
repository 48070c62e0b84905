import type { Hex, LedgerBlock } from '../../protocol/ledger.ts';
import type { AnchoredRoot } from '../attestation/journal-proof.ts';
import { JOURNAL_BATCH } from './journal-batch.ts';

/** Collects the roots of a journal from blocks in order. Guards may anchor as well; a journal's are those of the registry alone. */
export function createAnchorList(): { add(block: LedgerBlock): void; roots(): readonly AnchoredRoot[] } {
  const roots: (AnchoredRoot & { readonly from: Hex })[] = [];
  // Whoever registers agents has the registry's role: the contract lets nobody else.
  const registries = new Set<Hex>();
  return {
    add({ number, entries }) {
      for (const { from, event } of entries) {
        if (event.kind === 'AgentRegistered') registries.add(from);
        if (event.kind === 'Anchored' && event.batch === JOURNAL_BATCH) {
          roots.push({ root: event.root, count: event.count, block: number, from });
        }
      }
    },
    roots: () => roots.filter((each) => registries.has(each.from)),
  };
}
