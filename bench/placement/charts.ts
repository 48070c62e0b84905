import { svg } from '../charts.ts';
import type { Row } from './summary.ts';

/** The charts of a run, as SVG files by name. */
export function charts(rows: readonly Row[]): ReadonlyMap<string, string> {
  const plain = rows.filter((row) => row.variant === 'plain');
  const topologies = [...new Set(plain.map((row) => row.topology))];
  const stressed = rows.filter((row) => row.topology === 'Geant' && row.figures['acceptance'] !== undefined);
  return new Map([
    ...topologies.map((topology): [string, string] => [
      `acceptance-${topology.toLowerCase()}.svg`,
      bars(
        `${topology}: requests accepted, per cent (95 % confidence)`,
        plain.filter((row) => row.topology === topology),
        (row) => row.arm,
      ),
    ]),
    [
      'acceptance-stressed.svg',
      bars(
        'GEANT: requests accepted under stress, per cent',
        stressed.filter((row) => row.arm === 'auction between agents'),
        (row) => row.variant,
      ),
    ],
  ]);
}

function bars(title: string, rows: readonly Row[], name: (row: Row) => string): string {
  const shown = rows.toReversed();
  const mean = (row: Row) => row.figures['acceptance']?.mean ?? 0;
  const half = (row: Row) => row.figures['acceptance']?.half ?? 0;
  return svg(title, {
    grid: { left: 200, right: 110, top: 50, bottom: 40 },
    xAxis: { type: 'value', min: 0, max: 100 },
    yAxis: { type: 'category', data: shown.map(name) },
    series: [
      {
        type: 'bar',
        data: shown.map((row) => ({
          value: Math.round(10 * mean(row)) / 10,
          itemStyle: { color: row.arm === 'auction between agents' ? '#2f6f4f' : '#9aa3ab' },
          label: {
            show: true,
            position: 'right',
            formatter: `{c}${Number.isFinite(half(row)) ? ` ± ${half(row).toFixed(1)}` : ''}`,
          },
        })),
      },
    ],
  });
}
