import { rate } from '../../../core/explain/in-words.ts';
import type { Report } from '../../../protocol/report.ts';
import { merged } from '../expectations/intervals.ts';
import type { PlaneAction } from '../plane-actions.ts';
import type { Recording } from '../recording.ts';
import type { RuleInForce } from '../rules-in-force.ts';
import type { TimeRange } from './axis.ts';
import { chartData, linksByInterest } from './chart-data.ts';
import { linkChart } from './link-chart.ts';
import { html, type Markup } from './markup.ts';

/** More links than this are left to `report.json`. */
const MOST_LINKS = 8;

export interface TimelineInput {
  readonly recording: Recording;
  readonly report: Report;
  readonly actions: readonly PlaneAction[];
  readonly rules: readonly RuleInForce[];
}

/** The section, and the figures of its charts by their ids. */
export interface Timeline {
  readonly markup: Markup;
  readonly charts: Readonly<Record<string, unknown>>;
}

/** The decisive seconds: from shortly before the attack to shortly after the last first block; null when they are most of the run. */
export function decisiveSeconds({ attack, mitigation, durationMs }: Report): TimeRange | null {
  if (attack.startMs === null) return null;
  const { allSourcesBlockedMs, firstTargetLimitMs, firstLinkLimitMs } = mitigation;
  const last = allSourcesBlockedMs ?? firstTargetLimitMs ?? firstLinkLimitMs;
  if (last === null) return null;
  const fromMs = Math.max(0, attack.startMs - 1000);
  const toMs = Math.min(durationMs, Math.max(last, attack.startMs) + 2500);
  return toMs - fromMs > durationMs * 0.6 ? null : { fromMs, toMs };
}

/** A link with the server functions on the host that it leads to: "link s4>h1 (apache)". */
function linkName({ scenario, addresses }: Recording, link: string): string {
  const address = addresses[link.split('>')[1] ?? ''];
  const served = scenario.functions.filter(
    ({ kind, name }) => kind === 'web-server' && address !== undefined && addresses[name] === address,
  );
  return `link ${link}${served.length === 0 ? '' : ` (${served.map(({ name }) => name).join(', ')})`}`;
}

/** The figures of a link once a second, for those who would rather read than look. */
function tableTwin(report: Report, link: string): Markup {
  const seconds = Math.max(1, Math.ceil(report.durationMs / 1000));
  const data = chartData(report, link, { fromMs: 0, toMs: report.durationMs }, Math.min(seconds, 240));
  const row = (at: number): Markup =>
    html`<tr><th scope="row">${((data.tMs[at] ?? 0) / 1000).toFixed(1)} s</th>${[
      data.total,
      data.legitimate,
      data.attackOffered,
      data.attackDelivered,
      data.goodput,
    ].map((values) => html`<td>${rate(values[at] ?? 0)}</td>`)}</tr>`;
  return html`<details class="twin"><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="Traffic over ${link} as a table"><table class="numbers"><thead><tr><th scope="col">at</th><th scope="col">total</th><th scope="col">legitimate</th><th scope="col">attack offered</th><th scope="col">attack delivered</th><th scope="col">goodput</th></tr></thead><tbody>${data.tMs.map((_, at) => row(at))}</tbody></table></div></details>`;
}

/** What the two panels count, and how to see the run that this one is to be compared with. */
function howToRead({ scenario, plane, seed, defence }: Recording): Markup {
  const other = defence === 'on' ? 'off' : 'on';
  const command = `bin/muster scenario run ${scenario.name} --plane ${plane} --seed ${seed} --defence ${other}`;
  return html`Traffic over a link is what goes towards the server (requests and attack); goodput is what users received from it, so the two are not to be added or compared in height. The same with the defence ${other}: <code>${command}</code>.`;
}

/** What happened against time: the whole run and its decisive seconds for each link under attack, other links folded away. */
export function timelineSection({ recording, report, actions, rules }: TimelineInput): Timeline {
  const links = linksByInterest(report);
  const attacked = new Set(
    report.traffic.series.filter((point) => point.attackOffered > 0).map(({ link }) => link),
  );
  const open = attacked.size === 0 ? links.slice(0, 1) : links.filter((link) => attacked.has(link));
  const closer = decisiveSeconds(report);
  const charts: Record<string, unknown> = {};
  const of = (link: string, at: number): Markup => {
    const bears = (one: { readonly link: string | null; readonly rule: string }): boolean =>
      one.link === link || (one.link === null && (ruleLinks.get(one.rule) ?? link) === link);
    const ruleLinks = new Map(rules.map((rule) => [rule.rule, rule.link ?? link]));
    const shared = {
      report,
      scenario: recording.scenario,
      link,
      bursts: attacked.has(link) ? merged(recording.pulses) : [],
      rules: rules.filter(bears),
      actions: actions.filter(bears),
    };
    const whole = linkChart({
      ...shared,
      id: `chart-${at}`,
      title: `The whole run, ${linkName(recording, link)}`,
      range: { fromMs: 0, toMs: report.durationMs },
    });
    charts[`chart-${at}`] = whole.data;
    if (closer === null || !attacked.has(link)) return html`${whole.markup}${tableTwin(report, link)}`;
    const near = linkChart({
      ...shared,
      id: `chart-${at}-near`,
      title: `The decisive seconds, ${linkName(recording, link)}`,
      range: closer,
    });
    charts[`chart-${at}-near`] = near.data;
    return html`${whole.markup}${near.markup}${tableTwin(report, link)}`;
  };
  const shown = links.slice(0, MOST_LINKS);
  const first = shown.filter((link) => open.includes(link));
  const others = shown.filter((link) => !open.includes(link));
  const left = links.length - shown.length;
  const markup = html`<section aria-labelledby="timeline"><h2 id="timeline">What happened</h2>
${links.length === 0 ? html`<p>No traffic was recorded.</p>` : null}
${links.length === 0 ? null : html`<p class="note">${howToRead(recording)}</p>`}
${first.map(of)}
${actions.length === 0 ? null : html`<p class="note">Each mark under the lines is what an agent did: filled when it set something, hollow when that was lifted or ran out, a number where several fall together. Choose one to read why.</p>`}
${others.map((link, at) => html`<details class="other"><summary>The ${linkName(recording, link)}, not attacked</summary>${of(link, first.length + at)}</details>`)}
${left > 0 ? html`<p class="note">${left} more links are in report.json.</p>` : null}
</section>`;
  return { markup, charts };
}
