import { useRoute } from 'wouter';
import type { AuctionRecord } from '../../../../src/core/explain/auction-records.ts';
import { auctionRecord } from '../../../../src/core/explain/auction-records.ts';
import type { JournalIndex } from '../../../../src/core/explain/journal-index.ts';
import { journalIndex } from '../../../../src/core/explain/journal-index.ts';
import { countBefore } from '../../data/count-before.ts';
import type { Journal } from '../../data/journal.ts';
import { useJournal } from '../../data/use-journal.ts';
import { commandOn } from '../../parts/commands.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime, many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { AuctionDetail } from './auction-detail.tsx';

/** More are not put together at a time: the newest count. */
const MOST = 2000;

/** Every auction, its bids split into their parts, and why the one that won has won. */
export function Auctions() {
  const [chosen, params] = useRoute('/auctions/*');
  const { source, journal, end } = useJournal();
  const name = chosen ? decodeURIComponent(params['*']) : undefined;
  if (name !== undefined) return <AuctionDetail record={recordAt(journal, name, end)} name={name} />;
  const records = auctionsUntil(journal, end);
  return (
    <ViewFrame
      title="Auctions"
      about="Who was asked to do what, what each would have taken for it, and who got it."
      command={commandOn(source, 'auction', 'list')}
    >
      <DataTable
        caption={`${many(records.length, 'auction')}, the newest first`}
        rows={records}
        keyOf={({ auction }) => auction}
        empty="No auction has been held by then. Agents hold one when they want something done that they cannot do themselves."
        columns={[
          {
            name: 'opened',
            number: true,
            cell: ({ openedMs }) => clockTime(openedMs),
            value: ({ openedMs }) => openedMs,
          },
          {
            name: 'goal',
            cell: ({ auction, goal }) => (
              <ViewLink to={`/auctions/${encodeURIComponent(auction)}`}>{goal}</ViewLink>
            ),
            value: ({ goal }) => goal,
          },
          { name: 'auctioneer', cell: ({ auctioneer }) => auctioneer, value: ({ auctioneer }) => auctioneer },
          { name: 'state', cell: ({ status }) => <Status status={status} />, value: ({ status }) => status },
          { name: 'winner', cell: ({ winner }) => winner ?? '', value: ({ winner }) => winner ?? '' },
          { name: 'bids', number: true, cell: ({ bids }) => bids.length, value: ({ bids }) => bids.length },
          { name: 'because', cell: ({ reason }) => reason },
        ]}
      />
    </ViewFrame>
  );
}

const GOOD = new Set(['completed', 'awarded']);
const BAD = new Set(['no-bid', 'failed']);

export function Status({ status }: { readonly status: string }) {
  const kind = GOOD.has(status) ? 'good' : BAD.has(status) ? 'bad' : '';
  const sign = GOOD.has(status) ? '✓ ' : BAD.has(status) ? '✗ ' : '';
  return <span className={`badge ${kind}`}>{`${sign}${status}`}</span>;
}

interface KnownRecord {
  /** Entries of the auction that it is put together from. */
  readonly of: number;
  readonly record: AuctionRecord | undefined;
}

/** As they were put together last: of most auctions nothing is new from one position to the next. */
const known = new WeakMap<JournalIndex, Map<string, KnownRecord>>();

/** An auction as it stood at a position of the journal. */
export function recordAt(journal: Journal, auction: string, end: number): AuctionRecord | undefined {
  const { index } = journal;
  const before = <E extends { readonly id: string }>(entries: readonly E[] | undefined) =>
    (entries ?? []).filter(({ id }) => (journal.positionOf(id) ?? end) < end);
  const entries = [...before(index.auctions.get(auction)), ...before(index.bids.get(auction))];
  const records = known.get(index) ?? new Map<string, KnownRecord>();
  known.set(index, records);
  const last = records.get(auction);
  if (last?.of === entries.length) return last.record;
  const record = auctionRecord(journalIndex(entries), auction);
  records.set(auction, { of: entries.length, record });
  return record;
}

function auctionsUntil(journal: Journal, end: number) {
  const positions = journal.ofKind('auction');
  const names = new Set<string>();
  for (let at = countBefore(positions, end) - 1; at >= 0 && names.size < MOST; at--) {
    const entry = journal.index.entries[positions[at] ?? 0];
    if (entry?.kind === 'auction') names.add(entry.auction);
  }
  return [...names]
    .flatMap((name) => recordAt(journal, name, end) ?? [])
    .sort((a, b) => b.openedMs - a.openedMs);
}
