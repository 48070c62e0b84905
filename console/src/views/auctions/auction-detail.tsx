import { useState } from 'react';
import type { AuctionRecord } from '../../../../src/core/explain/auction-records.ts';
import { rankReweighed } from '../../../../src/core/explain/rank-reweighed.ts';
import type { RankedBid } from '../../../../src/core/negotiation/rank-bids.ts';
import type { JournalBid } from '../../../../src/protocol/journal.ts';
import { useJournal } from '../../data/use-journal.ts';
import { commandOn } from '../../parts/commands.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime, figure, many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Empty } from '../../parts/states.tsx';
import { ViewFrame } from '../../parts/view-frame.tsx';
import { Status } from './auctions.tsx';
import { BidBars, partNames } from './bid-bars.tsx';

interface Props {
  readonly record: AuctionRecord | undefined;
  readonly name: string;
}

/** One auction: its bids side by side, split into their parts, and what would have won had the parts weighed otherwise. */
export function AuctionDetail({ record, name }: Props) {
  const { source } = useJournal();
  return (
    <ViewFrame
      title={record?.goal ?? `Auction ${name}`}
      about={record === undefined ? 'An auction.' : `Auction ${name}, held by ${record.auctioneer}.`}
      command={commandOn(source, 'auction', 'describe', name)}
    >
      {record === undefined ? (
        <Empty>No such auction had been opened by then. Go on in time, or look at all auctions.</Empty>
      ) : (
        <Known record={record} />
      )}
    </ViewFrame>
  );
}

function Known({ record }: { readonly record: AuctionRecord }) {
  const { openedMs, closedMs, status, winner, reason, reserve, participants, bids, entryIds } = record;
  const silent = participants.filter((each) => !bids.some(({ bidder }) => bidder === each));
  const last = entryIds.at(-1);
  return (
    <div className="cards">
      <section className="card">
        <h2>How it went</h2>
        <ol>
          <li>
            {clockTime(openedMs)}: call for proposals to {many(participants.length, 'agent')}
          </li>
          <li>
            {many(bids.filter(({ price }) => price !== null).length, 'proposal')},{' '}
            {many(bids.filter(({ outcome }) => outcome === 'refused').length, 'refusal')}
            {silent.length === 0 ? '' : `, nothing from ${silent.join(', ')}`}
          </li>
          <li>
            {closedMs === null ? '' : `${clockTime(closedMs)}: `}
            <Status status={status} /> {winner === null ? '' : `${winner} has it`}
          </li>
        </ol>
        <p>
          {reason}
          {reserve === null ? '' : ` (at most ${figure(reserve)} was to be given)`}
        </p>
        {last === undefined ? null : <ViewLink to={`/why/${encodeURIComponent(last)}`}>why?</ViewLink>}
      </section>
      <section className="card wide" data-tour="bids">
        <h2>Bids, the cheapest first</h2>
        <BidBars bids={bids} />
        <BidTable bids={bids} />
      </section>
      <Otherwise record={record} />
    </div>
  );
}

function BidTable({ bids }: { readonly bids: readonly JournalBid[] }) {
  return (
    <DataTable
      caption="The same as a table"
      rows={bids}
      keyOf={({ bidder }) => bidder}
      empty="Nobody has bid."
      columns={[
        {
          name: 'bidder',
          cell: ({ bidder }) => <ViewLink to={`/agents/${bidder}`}>{bidder}</ViewLink>,
          value: ({ bidder }) => bidder,
        },
        {
          name: 'outcome',
          cell: ({ outcome }) => (outcome === 'won' ? '✓ won' : outcome),
          value: ({ outcome }) => outcome,
        },
        {
          name: 'price',
          number: true,
          cell: ({ price }) => (price === null ? '' : figure(price)),
          value: ({ price }) => price ?? Number.POSITIVE_INFINITY,
        },
        {
          name: 'parts',
          cell: ({ parts }) =>
            parts
              .map(
                ({ name, value, detail }) =>
                  `${name} ${figure(value)}${detail === undefined ? '' : ` (${detail})`}`,
              )
              .join(', '),
        },
        { name: 'because', cell: ({ reason }) => reason },
      ]}
    />
  );
}

const MOST_WEIGHT = 4;

/** What would have won had a part of the price counted more, or less. */
function Otherwise({ record }: { readonly record: AuctionRecord }) {
  const names = partNames(record.bids);
  const [weights, setWeights] = useState<Readonly<Record<string, number>>>({});
  if (names.length === 0 || rankReweighed(record, {}).length < 2) return null;
  const [best] = rankReweighed(record, weights);
  return (
    <section className="card wide">
      <h2>Had the parts weighed otherwise</h2>
      <div className="filters">
        {names.map((name) => (
          <label key={name}>
            {name} × {figure(weights[name] ?? 1)}
            <input
              type="range"
              min={0}
              max={MOST_WEIGHT}
              step={0.1}
              value={weights[name] ?? 1}
              onChange={({ target }) => setWeights({ ...weights, [name]: Number(target.value) })}
            />
          </label>
        ))}
      </div>
      <p role="status">{wouldHaveWon(best, record)}</p>
    </section>
  );
}

function wouldHaveWon(best: RankedBid | undefined, { winner, reserve }: AuctionRecord): string {
  if (best === undefined)
    return `Nobody would have won: all are over ${figure(reserve ?? 0)}, the most that was to be given.`;
  const same = best.bidder === winner ? ': the same that won.' : `, not ${winner ?? 'nobody'}.`;
  return `${best.bidder} would have won with ${figure(best.price ?? 0)}${same}`;
}
