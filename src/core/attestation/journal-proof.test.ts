import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import { journalLeaf } from '../../adapters/keys/journal-leaf.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { AnchoredBatch } from '../../protocol/run-record.ts';
import type { JournalQuestion } from './journal-proof.ts';
import { proveJournal } from './journal-proof.ts';
import { merkleTree } from './merkle.ts';

const hash: Hex = `0x${'01'.repeat(32)}`;
const lineOf = (id: string, text = id) => ({ id, leaf: journalLeaf(text) });

function batchOf(block: number, lines: readonly { id: string; leaf: Hex }[]): AnchoredBatch {
  const leaves = lines.map((each) => each.leaf);
  return { root: merkleTree(leaves, hashing).root, block, transaction: hash, entries: [...lines] };
}

/** A journal of ten entries in three batches, honestly anchored. */
function honest(): JournalQuestion {
  const lines = Array.from({ length: 10 }, (_, index) => lineOf(`a1:${index}`));
  const batches = [batchOf(5, lines.slice(0, 4)), batchOf(6, lines.slice(4, 5)), batchOf(8, lines.slice(5))];
  const anchored = batches.map(({ root, block, entries }) => ({ root, block, count: entries.length }));
  return { anchored, batches, lines: lines.toReversed(), upToBlock: 9, goesOn: false };
}

const found = (question: JournalQuestion) =>
  proveJournal(question, hashing).findings.map(({ at, what }) => `${at}: ${what}`);

test('an honest journal is proven whole, in whatever order its lines stand', () => {
  expect(proveJournal(honest(), hashing)).toEqual({ proven: 10, open: 0, findings: [] });
});

test('a root that stands twice, since its answer was lost, is no finding', () => {
  const question = honest();
  expect(found({ ...question, anchored: [...question.anchored, ...question.anchored.slice(0, 1)] })).toEqual(
    [],
  );
});

describe('is found:', () => {
  test('an entry that was changed', () => {
    const question = honest();
    const lines = question.lines.map((each) => (each.id === 'a1:7' ? lineOf('a1:7', 'other') : each));
    expect(found({ ...question, lines })).toEqual([
      expect.stringMatching(/^a1:7: it was anchored/),
      expect.stringMatching(/^a1:7: it is in the journal, and under no root/),
    ]);
  });

  test('an entry that was left out, added, or doubled', () => {
    const question = honest();
    expect(found({ ...question, lines: question.lines.slice(1) })).toHaveLength(1);
    expect(found({ ...question, lines: [...question.lines, lineOf('a1:99')] })).toHaveLength(1);
    expect(found({ ...question, lines: [...question.lines, ...question.lines.slice(0, 1)] })).toHaveLength(1);
  });

  test('a batch that was left out with its entries', () => {
    const question = honest();
    const batches = question.batches.slice(0, 2);
    const kept = new Set(batches.flatMap(({ entries }) => entries.map((each) => each.id)));
    const lines = question.lines.filter((each) => kept.has(each.id));
    expect(found({ ...question, batches, lines })).toEqual([
      expect.stringContaining('a batch of 5 entries was anchored'),
    ]);
    // Also of a journal that goes on: only its oldest may have been let go.
    expect(found({ ...question, batches, lines, goesOn: true })).toHaveLength(1);
  });

  test('leaves that were changed together with the entry', () => {
    const question = honest();
    const [first, ...rest] = question.batches;
    if (first === undefined) throw new Error('no batch');
    const changed = lineOf('a1:0', 'other');
    const entries = first.entries.map((each) => (each.id === 'a1:0' ? changed : each));
    const lines = question.lines.map((each) => (each.id === 'a1:0' ? changed : each));
    const forged = { ...first, entries };
    expect(found({ ...question, lines, batches: [forged, ...rest] })).toContain(
      'batch 1: its leaves do not hash to its root',
    );
    const rehashed = batchOf(5, entries);
    expect(found({ ...question, lines, batches: [rehashed, ...rest] })).toEqual([
      expect.stringContaining('is not on the ledger'),
      expect.stringContaining('is not in the record'),
    ]);
  });

  test('any one change of any one line', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.string(), (index, text) => {
        const question = honest();
        const lines = question.lines.map((each, place) =>
          place === index ? lineOf(each.id, `x${text}`) : each,
        );
        expect(found({ ...question, lines }).length).toBeGreaterThan(0);
      }),
    );
  });
});

test('a journal that goes on may have newer batches than the ledger was looked at for, and have let go of its oldest', () => {
  const question = honest();
  const later = { ...question, goesOn: true, upToBlock: 7, anchored: question.anchored.slice(0, 2) };
  expect(proveJournal(later, hashing)).toEqual({ proven: 5, open: 5, findings: [] });
  const kept = new Set(question.batches.slice(1).flatMap(({ entries }) => entries.map((each) => each.id)));
  const lines = question.lines.filter((each) => kept.has(each.id));
  const younger = { ...question, goesOn: true, batches: question.batches.slice(1), lines };
  expect(proveJournal(younger, hashing)).toEqual({ proven: 6, open: 0, findings: [] });
});
