import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/states.tsx';
import type { GraphRow } from './graph-layout.ts';

const BOX = { width: 168, height: 46 } as const;
const GAP = 38;
const ROW = 84;
/** Where flows come from. */
const FROM = 140;
/** Of a longer one the table has the rest. */
const MOST_CHARS = 22;
/** More are told by the table alone. */
const MOST_ROWS = 40;

interface Props {
  readonly title: string;
  readonly rows: readonly GraphRow[];
  /** What a box means that is only in this graph. */
  readonly alone: string;
}

/** Chains as boxes from left to right, with the same as a table below. */
export function ChainGraph({ title, rows, alone }: Props) {
  if (rows.length === 0) return <Empty>{title}: no flows are led through its functions.</Empty>;
  const shown = rows.slice(0, MOST_ROWS);
  const longest = Math.max(...shown.map(({ hops }) => hops.length));
  const width = FROM + longest * (BOX.width + GAP);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to scroll by keyboard too */}
      <section className="graph-scroll" tabIndex={0} aria-label={`${title}, drawn`}>
        <svg
          className="chains"
          width={width}
          height={shown.length * ROW}
          role="img"
          aria-label={`${title}: chains of functions. The table below has the same.`}
        >
          {shown.map((row, at) => (
            <ChainRow key={row.chain} row={row} y={at * ROW} alone={alone} />
          ))}
        </svg>
      </section>
      <DataTable
        caption={`${title}, as a table`}
        rows={rows}
        keyOf={({ chain }) => chain}
        empty=""
        page={20}
        columns={[
          { name: 'chain', cell: ({ chain }) => chain, value: ({ chain }) => chain },
          { name: 'flows', cell: ({ flows }) => flows },
          { name: 'from', cell: ({ from }) => from },
          {
            name: 'through',
            cell: ({ hops }) =>
              hops
                .map(({ unit, place, alone: marked }) => `${unit} (${place}${marked ? `, ${alone}` : ''})`)
                .join(' → '),
          },
        ]}
      />
    </>
  );
}

function ChainRow({ row, y, alone }: { readonly row: GraphRow; readonly y: number; readonly alone: string }) {
  const middle = y + 24 + BOX.height / 2;
  return (
    <g>
      <text x={0} y={y + 14} className="flows">
        {row.flows}
      </text>
      <text x={0} y={middle + 4}>
        {clipped(row.from)}
      </text>
      {row.hops.map(({ key, unit, place, alone: marked }, at) => {
        const x = FROM + at * (BOX.width + GAP) + GAP;
        return (
          <g key={key}>
            <line x1={x - GAP + 6} y1={middle} x2={x - 9} y2={middle} />
            <path d={`M${x - 9} ${middle - 4} l8 4 l-8 4 z`} />
            <rect
              className={marked ? 'alone' : ''}
              x={x}
              y={y + 24}
              width={BOX.width}
              height={BOX.height}
              rx={6}
            >
              <title>{`${unit}, ${place}`}</title>
            </rect>
            <text x={x + 10} y={y + 42}>
              {clipped(unit)}
            </text>
            <text x={x + 10} y={y + 59} className="place">
              {clipped(marked ? `${alone}, ${place}` : place)}
            </text>
          </g>
        );
      })}
    </g>
  );
}

function clipped(text: string): string {
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS - 1)}…` : text;
}
