import type { JournalBid } from '../../../../src/protocol/journal.ts';
import { figure } from '../../parts/figures.ts';

const COLOURS = 6;
const WIDTH = 600;
const ROW = 26;
const LABELS = 110;
const FIGURES = 70;
/** A part as wide as this bears its number too: colour alone tells some people nothing. */
const NUMBERED = 14;

/** Names of the parts that prices are made of, in the order in which they are met. */
export function partNames(bids: readonly JournalBid[]): readonly string[] {
  return [...new Set(bids.flatMap(({ parts }) => parts.map(({ name }) => name)))];
}

/** Prices side by side, each split into its parts; the one that won is marked. */
export function BidBars({ bids }: { readonly bids: readonly JournalBid[] }) {
  const priced = bids.filter(({ price }) => price !== null);
  if (priced.length === 0) return null;
  const names = partNames(priced);
  const most = Math.max(...priced.map(lengthOf), 1e-9);
  const scale = (WIDTH - LABELS - FIGURES) / most;
  return (
    <>
      <svg
        className="chart"
        viewBox={`0 0 ${WIDTH} ${priced.length * ROW}`}
        role="img"
        aria-label="Prices of the bids, split into their parts; the table below has the same."
      >
        {priced.map((bid, row) => {
          let x = LABELS;
          return (
            <g key={bid.bidder} className="bid-bar">
              <text x={LABELS - 8} y={row * ROW + 17} textAnchor="end">
                {bid.outcome === 'won' ? '✓ ' : ''}
                {bid.bidder}
              </text>
              {partsOf(bid).map(({ name, value }) => {
                const width = Math.max(0, value) * scale;
                const from = x;
                x += width;
                const part = Math.max(0, names.indexOf(name));
                return (
                  <g key={name}>
                    <title>{`${bid.bidder}: ${name} ${figure(value)}`}</title>
                    <rect
                      className={`part-${part % COLOURS}`}
                      x={from}
                      y={row * ROW + 4}
                      width={width}
                      height={ROW - 8}
                    />
                    {width < NUMBERED ? null : (
                      <text
                        className="part-number"
                        x={from + width / 2}
                        y={row * ROW + 17}
                        textAnchor="middle"
                      >
                        {part + 1}
                      </text>
                    )}
                  </g>
                );
              })}
              <text x={x + 6} y={row * ROW + 17}>
                {figure(bid.price ?? 0)}
              </text>
            </g>
          );
        })}
      </svg>
      <ul className="legend">
        {names.map((name, at) => (
          <li key={name}>
            <svg viewBox="0 0 10 10" aria-hidden="true">
              <rect className={`part-${at % COLOURS}`} width="10" height="10" />
            </svg>{' '}
            {at + 1} {name}
          </li>
        ))}
      </ul>
    </>
  );
}

/** A price whose parts are not known is one part. */
function partsOf({ parts, price }: JournalBid) {
  return parts.length > 0 ? parts : [{ name: 'price', value: price ?? 0 }];
}

function lengthOf(bid: JournalBid): number {
  return partsOf(bid).reduce((sum, { value }) => sum + Math.max(0, value), 0);
}
