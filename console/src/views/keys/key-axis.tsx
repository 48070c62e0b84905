import { scaleLinear } from 'd3-scale';
import { useEffect, useRef, useState } from 'react';
import type { KeyMark, KeyRow, KeySpan, KeyTimeline } from '../../../../src/core/ledger/key-timeline.ts';

const ROW = 30;
const TOP = 26;
const LEFT = 76;
const RIGHT = 14;
/** More would be no marks but a smear. */
const MOST_MARKS = 160;
const SIGNS: Readonly<Record<KeyMark['kind'], string>> = {
  registered: '○',
  attested: '✓',
  refused: '✗',
  suspended: '▲',
  revoked: '✖',
};
const WORDS: Readonly<Record<KeyMark['kind'], string>> = {
  registered: 'registered',
  attested: 'attested',
  refused: 'refused',
  suspended: 'suspended',
  revoked: 'revoked',
};

interface Props {
  readonly timeline: KeyTimeline;
  format(ms: number): string;
}

/** One row an agent: bars for the epochs that it holds, signs for what happened to it, all on one axis of time. */
export function KeyAxis({ timeline, format }: Props) {
  const { rows, epochs, fromMs, toMs } = timeline;
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const x = scaleLinear([fromMs, Math.max(toMs, fromMs + 1000)], [LEFT, Math.max(LEFT + 50, width - RIGHT)]);
  const height = TOP + ROW * rows.length + 24;
  const ticks = x.ticks(Math.max(2, Math.floor(width / 160)));
  return (
    <div ref={box}>
      <svg
        className="key-axis"
        width={width}
        height={height}
        role="img"
        aria-label="Epochs that agents hold over time. The tables below have the same in words."
      >
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={x(tick)} x2={x(tick)} y1={TOP} y2={height - 20} className="tick" />
            <text x={x(tick)} y={height - 6} className="tick-name">
              {format(tick)}
            </text>
          </g>
        ))}
        {apart(epochs, ({ atMs }) => x(atMs)).map(({ epoch, atMs }) => (
          <g key={epoch}>
            <line x1={x(atMs)} x2={x(atMs)} y1={TOP - 8} y2={height - 20} className="epoch-line" />
            <text x={x(atMs)} y={TOP - 12} className="epoch-name">
              {epoch}
            </text>
          </g>
        ))}
        {rows.map((row, index) => (
          <Row key={row.agent} row={row} y={TOP + ROW * index} toMs={toMs} x={x} />
        ))}
      </svg>
      <ul className="legend">
        <li>▬ holds an epoch, its number on it and above its opening</li>
        {Object.entries(SIGNS).map(([kind, sign]) => (
          <li key={kind}>
            {sign} {WORDS[kind as KeyMark['kind']]}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface RowProps {
  readonly row: KeyRow;
  readonly y: number;
  readonly toMs: number;
  x(ms: number): number;
}

function Row({ row: { agent, spans, marks }, y, toMs, x }: RowProps) {
  return (
    <g>
      <text x={LEFT - 8} y={y + 17} className="row-name">
        {agent.length > 9 ? `${agent.slice(0, 8)}…` : agent}
      </text>
      {spans.map((span) => (
        <Span key={`${span.epoch} ${span.fromMs}`} span={span} y={y} toMs={toMs} x={x} />
      ))}
      {apart(
        marks.slice(-MOST_MARKS),
        ({ atMs }) => x(atMs),
        11,
        ({ kind }) => kind !== 'attested' && kind !== 'registered',
      ).map(({ kind, atMs }) => (
        <text key={`${kind} ${atMs}`} x={x(atMs)} y={y + 27} className={`mark ${kind}`}>
          {SIGNS[kind]}
        </text>
      ))}
    </g>
  );
}

function Span({
  span,
  y,
  toMs,
  x,
}: {
  readonly span: KeySpan;
  readonly y: number;
  readonly toMs: number;
  x(ms: number): number;
}) {
  const [from, to] = [x(span.fromMs), x(span.toMs ?? toMs)];
  return (
    <g>
      <rect
        x={from}
        y={y + 5}
        width={Math.max(1, to - from - 1)}
        height={12}
        className={`span part-${span.epoch % 6}`}
      />
      {to - from < 18 ? null : (
        <text x={from + 4} y={y + 15} className="span-name">
          {span.epoch}
        </text>
      )}
    </g>
  );
}

/** Those that do not lie over one another, those that matter first and of these the newest. */
function apart<T>(
  all: readonly T[],
  at: (each: T) => number,
  gap = 16,
  matters: (each: T) => boolean = () => false,
): readonly T[] {
  const kept: T[] = [];
  const newestFirst = all.toReversed();
  for (const each of [...newestFirst.filter(matters), ...newestFirst.filter((one) => !matters(one))])
    if (kept.every((other) => Math.abs(at(other) - at(each)) >= gap)) kept.push(each);
  return kept;
}

function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(600);
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    const watch = new ResizeObserver(() => setWidth(Math.max(260, current.clientWidth)));
    watch.observe(current);
    return () => watch.disconnect();
  }, [box]);
  return width;
}
