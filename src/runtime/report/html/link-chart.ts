import { moment } from '../../../core/explain/in-words.ts';
import type { Report } from '../../../protocol/report.ts';
import type { Scenario } from '../../../protocol/scenario.ts';
import type { PlaneAction } from '../plane-actions.ts';
import type { Interval } from '../recording.ts';
import type { RuleInForce } from '../rules-in-force.ts';
import { acrossPercent, type TimeRange, ticks } from './axis.ts';
import { type ChartData, chartData } from './chart-data.ts';
import { chartLanes } from './chart-lanes.ts';
import { chartPanel, type Level } from './chart-panel.ts';
import { html, type Markup } from './markup.ts';

export interface LinkChartInput {
  readonly report: Report;
  readonly scenario: Scenario;
  readonly link: string;
  readonly title: string;
  readonly range: TimeRange;
  readonly bursts: readonly Interval[];
  readonly rules: readonly RuleInForce[];
  readonly actions: readonly PlaneAction[];
  /** Unique in the page. */
  readonly id: string;
}

/** A chart, and the figures that its crosshair reads. */
export interface LinkChart {
  readonly markup: Markup;
  readonly data: ChartData & TimeRange;
}

/** Capacity of a link as the scenario states it; null when it is no bottleneck. */
export function capacityOf({ topology }: Scenario, link: string): number | null {
  const host = topology.hosts.find(({ name, switch: at }) => `${at}>${name}` === link);
  const trunk = topology.trunks.find(({ from, to }) => `${from}>${to}` === link);
  return host?.capacityBytesPerSec ?? trunk?.capacityBytesPerSec ?? null;
}

function timeAxis(range: TimeRange): Markup {
  const marks = ticks(range.fromMs / 1000, range.toMs / 1000, 8);
  return html`<div class="times" aria-hidden="true">${marks.map(
    (mark, at) =>
      html`<span class="tick ${at % 2 === 0 ? 'even' : 'odd'}" style="left:${acrossPercent(range, mark * 1000)}%">${mark}</span>`,
  )}<span class="tick unit">s</span></div>`;
}

function described({ link, report, range }: LinkChartInput): string {
  const { attack, mitigation } = report;
  const parts = [`Traffic over ${link} from ${moment(range.fromMs)} to ${moment(range.toMs)}.`];
  if (attack.startMs !== null) parts.push(`The attack begins at ${moment(attack.startMs)}.`);
  if (mitigation.allSourcesBlockedMs !== null) {
    parts.push(`All sources are blocked at ${moment(mitigation.allSourcesBlockedMs)}.`);
  }
  return `${parts.join(' ')} The same figures are in the table below.`;
}

/** Traffic over one link against time: what it carried, whose it was, what its users received, and which rules held. */
export function linkChart(input: LinkChartInput): LinkChart {
  const { report, scenario, link, title, range, bursts, id } = input;
  const data = chartData(report, link, range);
  const tinted = bursts.map(({ startMs, endMs }) => ({ fromMs: startMs, toMs: endMs }));
  const capacity = capacityOf(scenario, link);
  const before = report.legitimate.goodputBefore;
  const attacked = data.attackOffered.some((value) => value > 0) || report.attack.startMs !== null;
  const levels: readonly Level[] = capacity === null ? [] : [{ name: 'capacity', bytesPerSec: capacity }];
  const traffic = chartPanel({
    title: 'Over the link',
    range,
    tMs: data.tMs,
    tinted,
    levels,
    marks: 6,
    lines: [
      { name: 'legitimate', key: 'legitimate', values: data.legitimate },
      { name: 'total', key: 'total', values: data.total },
      { name: 'attack, offered', key: 'attack-offered', values: data.attackOffered },
      { name: 'attack, delivered', key: 'attack-delivered', values: data.attackDelivered, filled: true },
    ].filter(({ key }) => attacked || !key.startsWith('attack')),
  });
  const goodput = chartPanel({
    title: 'Goodput of the users',
    marks: 4,
    range,
    tMs: data.tMs,
    tinted,
    levels: before === null ? [] : [{ name: 'before the attack', bytesPerSec: before }],
    lines: [{ name: 'goodput', key: 'goodput', values: data.goodput, filled: true }],
  });
  const last = Math.max(0, data.tMs.length - 1);
  const markup = html`<figure class="chart" data-chart="${id}" aria-labelledby="${id}-title" aria-describedby="${id}-text">
<figcaption><h3 id="${id}-title">${title}</h3><p id="${id}-text" class="hidden">${described(input)}</p></figcaption>
<div class="panels">${traffic}${goodput}</div>
${chartLanes({ range, bursts, rules: input.rules, actions: input.actions })}
${timeAxis(range)}
<div class="scrub"><input type="range" min="0" max="${last}" value="0" aria-label="Moment to read the values at"><output class="at"></output></div>
</figure>`;
  return { markup, data: { ...data, ...range } };
}
