import type { Report } from '../src/protocol/report.ts';
import { svg } from './charts.ts';

/** Medians over the seeds, with the worst beside; ms after the attack's first packet, ratios of goodput before it. */
export interface Row {
  readonly scenario: string;
  readonly plane: Report['plane'];
  readonly defence: Report['defence'];
  readonly seeds: number;
  readonly detectedMs: Spread | null;
  readonly linkLimitMs: Spread | null;
  readonly targetLimitMs: Spread | null;
  readonly allBlockedMs: Spread | null;
  readonly goodputDuring: Spread | null;
  readonly goodputLimited: Spread | null;
  readonly goodputAfter: Spread | null;
  readonly falsePositives: number;
  readonly falseNegatives: number;
  /** Runs in which every expectation was met. */
  readonly met: number;
}

export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export function rowOf(
  scenario: string,
  plane: Report['plane'],
  defence: Report['defence'],
  reports: readonly Report[],
): Row {
  const afterStart = (of: (report: Report) => number | null) =>
    spread(
      reports.flatMap((report) => {
        const [tMs, startMs] = [of(report), report.attack.startMs];
        return tMs === null || startMs === null ? [] : [tMs - startMs];
      }),
    );
  const ratio = (of: (report: Report) => number | null) =>
    spread(
      reports.flatMap((report) => {
        const [figure, before] = [of(report), report.legitimate.goodputBefore];
        return figure === null || before === null || before === 0 ? [] : [figure / before];
      }),
    );
  const sum = (of: (report: Report) => number | null) =>
    reports.reduce((total, report) => total + (of(report) ?? 0), 0);
  return {
    scenario,
    plane,
    defence,
    seeds: reports.length,
    detectedMs: afterStart((report) => report.mitigation.detectedMs),
    linkLimitMs: afterStart((report) => report.mitigation.firstLinkLimitMs),
    targetLimitMs: afterStart((report) => report.mitigation.firstTargetLimitMs),
    allBlockedMs: afterStart((report) => report.mitigation.allSourcesBlockedMs),
    goodputDuring: ratio((report) => report.legitimate.goodputDuring),
    goodputLimited: ratio((report) => report.legitimate.goodputLimited),
    goodputAfter: ratio((report) => report.legitimate.goodputAfter),
    falsePositives: sum((report) => report.mitigation.falsePositives),
    falseNegatives: sum((report) => report.mitigation.falseNegatives),
    met: reports.filter((report) => report.expectations.every((each) => each.met)).length,
  };
}

function spread(values: readonly number[]): Spread | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high, median] = [sorted[0], sorted.at(-1), sorted[sorted.length >> 1]];
  return low === undefined || high === undefined || median === undefined ? null : { median, low, high };
}

const COLUMNS: readonly (readonly [title: string, of: (row: Row) => string])[] = [
  ['scenario', (row) => row.scenario],
  ['plane', (row) => row.plane],
  ['defence', (row) => row.defence],
  ['seeds', (row) => String(row.seeds)],
  ['detected', (row) => ms(row.detectedMs)],
  ['link limit', (row) => ms(row.linkLimitMs)],
  ['target limit', (row) => ms(row.targetLimitMs)],
  ['all blocked', (row) => ms(row.allBlockedMs)],
  ['during', (row) => percent(row.goodputDuring)],
  ['limited', (row) => percent(row.goodputLimited)],
  ['after', (row) => percent(row.goodputAfter)],
  ['FP', (row) => String(row.falsePositives)],
  ['FN', (row) => (row.defence === 'on' ? String(row.falseNegatives) : '-')],
  ['met', (row) => `${row.met}/${row.seeds}`],
];

/** Median (worst): the highest time, the lowest goodput. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, of]) => of(row)))];
  const widths = COLUMNS.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  return cells
    .map((line) =>
      line
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function ms(value: Spread | null): string {
  return value === null ? '-' : `${seconds(value.median)} (${seconds(value.high)})`;
}

function seconds(value: number): string {
  return `${(value / 1000).toFixed(2)} s`;
}

function percent(value: Spread | null): string {
  return value === null ? '-' : `${Math.round(value.median * 100)} % (${Math.round(value.low * 100)} %)`;
}

/** Goodput with the defence on (limited, after) and off (during), against that before. */
export function chartOf(rows: readonly Row[]): string {
  const attacked = rows.filter((row) => row.defence === 'on' && row.goodputDuring !== null);
  const label = (row: Row) => `${row.scenario}, ${row.plane}`;
  const off = (row: Row) =>
    rows.find((each) => each.defence === 'off' && each.scenario === row.scenario && each.plane === row.plane);
  const value = (figure: Spread | null | undefined) =>
    figure === null || figure === undefined ? null : Math.round(figure.median * 100);
  const series = (name: string, color: string, of: (row: Row) => Spread | null | undefined) => ({
    type: 'bar',
    name,
    itemStyle: { color },
    data: attacked.toReversed().map((row) => value(of(row))),
  });
  return svg(
    'Goodput during the attack, in % of before (medians)',
    {
      legend: { top: 34 },
      grid: { left: 190, right: 40, top: 76, bottom: 30 },
      xAxis: { type: 'value' },
      yAxis: { type: 'category', data: attacked.toReversed().map(label) },
      series: [
        series('no defence', '#c2543d', (row) => off(row)?.goodputDuring),
        series('while limited', '#d9a441', (row) => row.goodputLimited),
        series('after the last block', '#2f6f4f', (row) => row.goodputAfter),
      ],
    },
    120 + attacked.length * 46,
  );
}
