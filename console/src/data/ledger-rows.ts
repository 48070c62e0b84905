import { useMemo } from 'react';
import type { LedgerLine } from '../../../src/core/ledger/ledger-lines.ts';
import { ledgerLines } from '../../../src/core/ledger/ledger-lines.ts';
import { clockTime } from '../parts/figures.ts';
import type { LedgerLooking } from './ledger.ts';

/** An event of the ledger as tables show it, from its blocks or from a journal. */
export interface LedgerRow {
  readonly id: string;
  readonly block: number;
  /** In words: of the chain, or of the run. */
  readonly when: string;
  readonly event: string;
  readonly agent: string;
  readonly sentence: string;
  /** Undefined: it comes from a journal, by this id. */
  readonly line: LedgerLine | undefined;
}

/** In order. */
export function useLedgerRows({ blocks, told, isRun }: LedgerLooking): readonly LedgerRow[] {
  const lines = useMemo(() => ledgerLines(blocks), [blocks]);
  if (!isRun) {
    return lines.map((line) => ({ ...line, block: Number.parseInt(line.id, 10), when: line.time, line }));
  }
  return told.map(({ id, block, tMs, event, subject, reason }) => ({
    id,
    block,
    when: clockTime(tMs),
    event,
    agent: subject,
    sentence: reason,
    line: undefined,
  }));
}
