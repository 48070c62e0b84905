import type { Hex } from '../../protocol/ledger.ts';
import type { AnchoredBatch } from '../../protocol/run-record.ts';
import type { Hashing } from './abi-words.ts';
import { merkleTree, verifyProof } from './merkle.ts';

/** A root as the ledger has it. */
export interface AnchoredRoot {
  readonly root: Hex;
  readonly count: number;
  readonly block: number;
}

/** A line of a journal: the entry's name and its leaf. */
export interface JournalLine {
  readonly id: string;
  readonly leaf: Hex;
}

export interface JournalQuestion {
  /** In the ledger's order, as far as the ledger is known to be right. */
  readonly anchored: readonly AnchoredRoot[];
  /** The last block of the ledger that was looked at. */
  readonly upToBlock: number;
  readonly batches: readonly AnchoredBatch[];
  readonly lines: readonly JournalLine[];
  /** The journal goes on: its newest entries may not be anchored yet, its oldest may have been let go. */
  readonly goesOn: boolean;
}

export interface JournalAnswer {
  /** Entries that were found under a root of the ledger. */
  readonly proven: number;
  /** Entries that are newer than what the ledger was looked at for. */
  readonly open: number;
  readonly findings: readonly { readonly at: string; readonly what: string }[];
}

/** Whether each entry of a journal is under a root on the ledger, unchanged, and none that was anchored is missing. */
export function proveJournal(question: JournalQuestion, hashing: Hashing): JournalAnswer {
  const { upToBlock, batches, lines, goesOn } = question;
  const findings: { at: string; what: string }[] = [];
  // One that was sent again because its answer was lost stands twice.
  const roots = new Map(question.anchored.map((each) => [each.root, each]));
  const left = new Map<Hex, JournalLine[]>();
  for (const line of lines) left.set(line.leaf, [...(left.get(line.leaf) ?? []), line]);
  let proven = 0;
  let open = 0;
  for (const [index, batch] of batches.entries()) {
    const at = `batch ${index + 1}`;
    const leaves = batch.entries.map((each) => each.leaf);
    const root = roots.get(batch.root);
    const isOpen = goesOn && root === undefined && batch.block > upToBlock;
    if (root === undefined && !isOpen) {
      findings.push({ at, what: `its root ${batch.root} is not on the ledger up to block ${upToBlock}` });
    }
    roots.delete(batch.root);
    const tree = leaves.length === 0 ? undefined : merkleTree(leaves, hashing);
    const holds = tree?.root === batch.root;
    if (!holds) findings.push({ at, what: 'its leaves do not hash to its root' });
    if (root !== undefined && root.count !== leaves.length) {
      findings.push({ at, what: `the ledger counts ${root.count} entries, it has ${leaves.length}` });
    }
    for (const [place, { id, leaf }] of batch.entries.entries()) {
      const same = left.get(leaf)?.shift();
      if (same === undefined) {
        findings.push({ at: id, what: 'it was anchored, and is not in the journal as it was' });
      } else if (isOpen) {
        open++;
      } else if (
        root !== undefined &&
        tree !== undefined &&
        verifyProof(leaf, tree.proofOf(place), root.root, hashing)
      ) {
        proven++;
      }
    }
  }
  const first = Math.min(...batches.map((each) => each.block));
  for (const { root, count, block } of roots.values()) {
    if (goesOn && block <= first) continue;
    findings.push({
      at: `block ${block}`,
      what: `a batch of ${count} entries was anchored (${root}), and is not in the record`,
    });
  }
  for (const { id } of [...left.values()].flat()) {
    if (goesOn) open++;
    else findings.push({ at: id, what: 'it is in the journal, and under no root on the ledger' });
  }
  return { proven, open, findings };
}
