import { useMemo, useState } from 'react';
import type { AuctionRecord } from '../../../../src/core/explain/auction-records.ts';
import { useJournal } from '../../data/use-journal.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { clockTime, figure, many } from '../../parts/figures.ts';
import { ViewLink } from '../../parts/link.tsx';
import { Empty } from '../../parts/states.tsx';
import { Status } from '../auctions/auctions.tsx';
import { BidBars } from '../auctions/bid-bars.tsx';
import { placingAuctions } from './placing-auctions.ts';

interface Props {
  /** Its id. */
  readonly service: string;
  /** Units that it has, as placement names them. */
  readonly units: readonly string[];
}

/** What each site would have taken for a unit, split into its parts, and who got it. */
export function PlacementCard({ service, units }: Props) {
  const { journal, end } = useJournal();
  const [chosen, setChosen] = useState('');
  const auctions = useMemo(() => placingAuctions(journal, end, service), [journal, end, service]);
  const names = [...new Set([...units, ...auctions.keys()])];
  const unit = names.includes(chosen) ? chosen : (names.find((name) => auctions.has(name)) ?? names[0] ?? '');
  const records = auctions.get(unit) ?? [];
  // Where it stays while others are placed nobody bids.
  const record = records.find(({ bids }) => bids.length > 0) ?? records[0];
  return (
    <section className="card wide">
      <h2>Placement</h2>
      {names.length === 0 ? (
        <Empty>Nothing of it has been placed by then.</Empty>
      ) : (
        <>
          <div className="filters">
            <label>
              bids for the unit
              <select value={unit} onChange={({ target }) => setChosen(target.value)}>
                {names.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </select>
            </label>
          </div>
          {record === undefined ? (
            <Empty>
              The journal has no auction for {unit}: it was held before what is kept of the journal, or it is
              yet to be held.
            </Empty>
          ) : (
            <Bids record={record} others={records.filter((each) => each !== record)} />
          )}
        </>
      )}
    </section>
  );
}

interface BidsProps {
  readonly record: AuctionRecord;
  readonly others: readonly AuctionRecord[];
}

function Bids({ record, others }: BidsProps) {
  const { auction, status, winner, reason, bids, openedMs } = record;
  return (
    <>
      <p>
        <Status status={status} /> {winner === null ? '' : `${winner} has it. `}
        {reason}{' '}
        <ViewLink to={`/auctions/${encodeURIComponent(auction)}`}>
          the auction of {clockTime(openedMs)}
        </ViewLink>
      </p>
      <div className="bid-bars">
        <BidBars bids={bids} />
      </div>
      <DataTable
        caption="The bids as a table"
        rows={bids}
        keyOf={({ bidder }) => bidder}
        empty="Nobody has bid."
        columns={[
          { name: 'bidder', cell: ({ bidder }) => bidder, value: ({ bidder }) => bidder },
          { name: 'outcome', cell: ({ outcome }) => (outcome === 'won' ? '✓ won' : outcome) },
          {
            name: 'price',
            number: true,
            cell: ({ price }) => (price === null ? '' : figure(price)),
            value: ({ price }) => price ?? Number.POSITIVE_INFINITY,
          },
          {
            name: 'parts',
            cell: ({ parts }) => parts.map(({ name, value }) => `${name} ${figure(value)}`).join(', '),
          },
          { name: 'because', cell: ({ reason: why }) => why },
        ]}
      />
      {others.length === 0 ? null : (
        <p className="about">
          {many(others.length, 'other auction')}:{' '}
          {others.slice(0, 10).map(({ auction: id, openedMs: at }, index) => (
            <span key={id}>
              {index === 0 ? '' : ', '}
              <ViewLink to={`/auctions/${encodeURIComponent(id)}`}>{clockTime(at)}</ViewLink>
            </span>
          ))}
        </p>
      )}
    </>
  );
}
