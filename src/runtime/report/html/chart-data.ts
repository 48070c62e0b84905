import type { Report } from '../../../protocol/report.ts';
import type { TimeRange } from './axis.ts';

type Point = Report['traffic']['series'][number];

/** The lines of a chart, all of the same length; rates in bytes per second, each at the middle of its period. */
export interface ChartData {
  readonly tMs: readonly number[];
  readonly total: readonly number[];
  readonly legitimate: readonly number[];
  readonly attackOffered: readonly number[];
  readonly attackDelivered: readonly number[];
  readonly goodput: readonly number[];
}

/** Links by how much the reader wants to see them: attacked ones first, then the busiest. */
export function linksByInterest({ traffic }: Report): readonly string[] {
  const weight = new Map<string, { attack: number; total: number }>();
  for (const { link, attackOffered, total } of traffic.series) {
    const held = weight.get(link) ?? { attack: 0, total: 0 };
    weight.set(link, { attack: held.attack + attackOffered, total: held.total + total });
  }
  return [...weight].sort(([, a], [, b]) => b.attack - a.attack || b.total - a.total).map(([link]) => link);
}

/** The points of one link within a range, averaged into at most `most` groups of neighbours so that the page stays small. */
export function chartData({ traffic }: Report, link: string, range: TimeRange, most = 480): ChartData {
  const half = traffic.periodMs / 2;
  const points = traffic.series.filter(
    (point) => point.link === link && point.tMs - half >= range.fromMs && point.tMs - half <= range.toMs,
  );
  const size = Math.max(1, Math.ceil(points.length / most));
  const groups: (readonly Point[])[] = [];
  for (let at = 0; at < points.length; at += size) groups.push(points.slice(at, at + size));
  const mean = (value: (point: Point) => number): readonly number[] =>
    groups.map((group) => Math.round(group.reduce((sum, point) => sum + value(point), 0) / group.length));
  return {
    tMs: mean((point) => point.tMs - half),
    total: mean((point) => point.total),
    legitimate: mean((point) => point.legitimate),
    attackOffered: mean((point) => point.attackOffered),
    attackDelivered: mean((point) => point.attackDelivered),
    goodput: mean((point) => point.goodput),
  };
}
