import type { LedgerBlock } from '../../protocol/ledger.ts';
import { time } from './chain-time.ts';
import { createNames } from './names.ts';
import { sentence, subjectOf } from './sentences.ts';

/** An event of the ledger, told. Field names are a contract. */
export interface LedgerLine {
  /** `<block>.<log index>`. */
  readonly id: string;
  readonly time: string;
  readonly event: string;
  /** The agent it is about; empty: about none. */
  readonly agent: string;
  readonly sentence: string;
  readonly from: string;
  readonly transaction: string;
  readonly block: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Every event of blocks in order, from the first of a pipeline on: names are learned as they come. */
export function ledgerLines(blocks: readonly LedgerBlock[]): readonly LedgerLine[] {
  const names = createNames();
  return blocks.flatMap((block) =>
    block.entries.map(({ logIndex, from, transaction, event }) => {
      names.learn(event);
      const subject = subjectOf(event);
      const { kind, ...details } = event;
      return {
        id: `${block.number}.${logIndex}`,
        time: time(block.timestamp),
        event: kind,
        agent: subject === undefined ? '' : names.agent(subject),
        sentence: sentence(event, names),
        from: names.account(from),
        transaction,
        block: block.hash,
        details,
      };
    }),
  );
}
