import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface ChartSeries {
  readonly name: string;
  readonly values: readonly number[];
  /** A class of the style sheet that says its colour. */
  readonly className: string;
}

/** A line across where something was done, which may lead to more about it. */
export interface ChartMark {
  /** s. */
  readonly at: number;
  readonly title: string;
  onClick?(): void;
}

interface Props {
  readonly label: string;
  /** s. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly marks?: readonly ChartMark[];
  format(value: number): string;
}

const HEIGHT = 260;
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3]];
/** A mark is meant by who points so near, px. */
const NEAR = 6;
/** Of a line in the legend. */
const SAMPLE = 28;

/** Values over time. Lines differ by dashes too, not by colour alone. */
export function TimeChart({ label, times, series, marks = [], format }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const marked = useRef(marks);
  marked.current = marks;
  const names = series.map(({ name }) => name).join('\n');
  const data: uPlot.AlignedData = [[...times], ...series.map(({ values }) => [...values])];
  const latest = useRef(data);
  latest.current = data;
  // biome-ignore lint/correctness/useExhaustiveDependencies: made anew when there are other lines; their values come below
  useEffect(() => {
    const { current } = box;
    if (current === null) return;
    const made = new uPlot(optionsOf(current, series, marked, format), latest.current, current);
    plot.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: current.clientWidth, height: HEIGHT }));
    watch.observe(current);
    return () => {
      watch.disconnect();
      made.destroy();
      plot.current = undefined;
    };
  }, [names]);
  useEffect(() => plot.current?.setData(latest.current));
  return (
    <>
      <div
        ref={box}
        className="chart"
        role="img"
        aria-label={`${label}. The table below has the same in words.`}
      />
      <ul className="legend" aria-label={`Lines of ${label}`}>
        {series.map(({ name, className }, at) => (
          <li key={name}>
            <svg className="line-sample" viewBox={`0 0 ${SAMPLE} 4`} aria-hidden="true">
              {drawn(dashOf(at)).map(({ x, width }) => (
                <rect key={x} className={className} x={x} y={1} width={width} height={2} />
              ))}
            </svg>{' '}
            {name}
          </li>
        ))}
      </ul>
    </>
  );
}

function dashOf(series: number): readonly number[] {
  return DASHES[series % DASHES.length] ?? [];
}

/** The strokes of a line. */
function drawn(dash: readonly number[]): readonly { readonly x: number; readonly width: number }[] {
  if (dash.length === 0) return [{ x: 0, width: SAMPLE }];
  const strokes: { x: number; width: number }[] = [];
  let x = 0;
  for (let at = 0; x < SAMPLE; at++) {
    const width = dash[at % dash.length] ?? SAMPLE;
    if (at % 2 === 0) strokes.push({ x, width: Math.min(width, SAMPLE - x) });
    x += width;
  }
  return strokes;
}

function optionsOf(
  box: HTMLElement,
  series: readonly ChartSeries[],
  marks: { readonly current: readonly ChartMark[] },
  format: (value: number) => string,
): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const [soft, line] = [style.getPropertyValue('--soft'), style.getPropertyValue('--line')];
  const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line } };
  return {
    width: box.clientWidth || 600,
    height: HEIGHT,
    scales: { x: { time: false } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((each) => `${each} s`) },
      { ...axis, size: 80, values: (_, ticks) => ticks.map(format) },
    ],
    series: [
      { label: 'time', value: (_, value) => (value === null ? '' : `${value} s`) },
      ...series.map(({ name, className }, at) => ({
        label: name,
        stroke: colourOf(className),
        width: 2,
        dash: [...dashOf(at)],
        value: (_: uPlot, value: number | null) => (value === null ? '' : format(value)),
      })),
    ],
    hooks: {
      ready: [
        ({ over, valToPos }) => {
          const near = ({ offsetX }: MouseEvent): ChartMark | undefined =>
            marks.current
              .map((mark) => ({ mark, away: Math.abs(valToPos(mark.at, 'x') - offsetX) }))
              .filter(({ away }) => away <= NEAR)
              .sort((a, b) => a.away - b.away)[0]?.mark;
          over.addEventListener('click', (event) => near(event)?.onClick?.());
          over.addEventListener('mousemove', (event) => {
            const mark = near(event);
            over.title = mark?.title ?? '';
            over.style.cursor = mark?.onClick === undefined ? '' : 'pointer';
          });
        },
      ],
      draw: [
        (chart) => {
          const { ctx, bbox } = chart;
          ctx.save();
          ctx.strokeStyle = soft;
          ctx.setLineDash([2, 2]);
          for (const mark of marks.current) {
            const x = chart.valToPos(mark.at, 'x', true);
            ctx.beginPath();
            ctx.moveTo(x, bbox.top);
            ctx.lineTo(x, bbox.top + bbox.height);
            ctx.stroke();
          }
          ctx.restore();
        },
      ],
    },
  };
}

/** A canvas knows no style sheet: what its class says is asked of one that does. */
function colourOf(className: string): string {
  const probe = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  probe.setAttribute('class', className);
  svg.append(probe);
  document.body.append(svg);
  const { fill } = getComputedStyle(probe);
  svg.remove();
  return fill;
}
