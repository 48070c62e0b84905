import type { ReactNode } from 'react';
import { useState } from 'react';
import { byName } from './figures.ts';
import { Empty } from './states.tsx';

export interface Column<Row> {
  readonly name: string;
  cell(row: Row): ReactNode;
  /** Sorts by it when its heading is clicked; absent: it cannot be sorted by. */
  value?(row: Row): string | number;
  /** Aligned as numbers are. */
  readonly number?: boolean;
}

interface Props<Row> {
  readonly caption: string;
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  keyOf(row: Row): string;
  readonly empty: ReactNode;
  /** So many are shown at a time. */
  readonly page?: number;
  readonly captionHidden?: boolean;
}

const PAGE = 100;

/** A table that can be sorted, a page at a time: no more stands in the page than can be looked at. */
export function DataTable<Row>({
  caption,
  rows,
  columns,
  keyOf,
  empty,
  page = PAGE,
  captionHidden,
}: Props<Row>) {
  const [sort, setSort] = useState<{ readonly name: string; readonly down: boolean }>();
  const [from, setFrom] = useState(0);
  if (rows.length === 0) return <Empty>{empty}</Empty>;
  const sorted = inOrder(
    rows,
    columns.find(({ name }) => name === sort?.name),
    sort?.down === true,
  );
  const start = Math.min(from, Math.max(0, Math.ceil(rows.length / page) - 1) * page);
  return (
    <div className="table-box">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to scroll by keyboard too */}
      <section className="table-scroll" tabIndex={0} aria-label={caption}>
        <table>
          <caption className={captionHidden ? 'hidden' : ''}>{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <Heading
                  key={column.name}
                  column={column}
                  down={sort?.name === column.name ? sort.down : undefined}
                  onSort={() =>
                    setSort({ name: column.name, down: sort?.name === column.name ? !sort.down : false })
                  }
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.slice(start, start + page).map((row) => (
              <tr key={keyOf(row)}>
                {columns.map((column) => (
                  <td key={column.name} className={column.number ? 'number' : ''}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length <= page ? null : (
        <nav className="pages" aria-label={`Pages of ${caption}`}>
          <button type="button" disabled={start === 0} onClick={() => setFrom(start - page)}>
            back
          </button>
          <span>
            {start + 1} to {Math.min(rows.length, start + page)} of {rows.length}
          </span>
          <button type="button" disabled={start + page >= rows.length} onClick={() => setFrom(start + page)}>
            on
          </button>
        </nav>
      )}
    </div>
  );
}

function Heading<Row>({
  column,
  down,
  onSort,
}: {
  readonly column: Column<Row>;
  readonly down: boolean | undefined;
  onSort(): void;
}) {
  const order = down === undefined ? 'none' : down ? 'descending' : 'ascending';
  return (
    <th scope="col" aria-sort={order} className={column.number ? 'number' : ''}>
      {column.value === undefined ? (
        column.name
      ) : (
        <button type="button" className="sort" onClick={onSort}>
          {column.name}
          <span aria-hidden="true">{down === undefined ? '' : down ? ' ▾' : ' ▴'}</span>
        </button>
      )}
    </th>
  );
}

function inOrder<Row>(rows: readonly Row[], column: Column<Row> | undefined, down: boolean): readonly Row[] {
  const value = column?.value;
  if (value === undefined) return rows;
  const sign = down ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [x, y] = [value(a), value(b)];
    return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : byName(String(x), String(y)));
  });
}
