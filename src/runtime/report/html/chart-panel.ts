import { rate } from '../../../core/explain/in-words.ts';
import { acrossPercent, type TimeRange, ticks } from './axis.ts';
import { html, type Markup } from './markup.ts';

/** One line of a panel: its name in the legend, its class for the stylesheet, its values in bytes per second. */
export interface Line {
  readonly name: string;
  readonly key: string;
  readonly values: readonly number[];
  readonly filled?: boolean;
}

/** A level that the lines are to be read against. */
export interface Level {
  readonly name: string;
  readonly bytesPerSec: number;
}

export interface Panel {
  readonly title: string;
  readonly range: TimeRange;
  readonly tMs: readonly number[];
  /** The first one is drawn on top. */
  readonly lines: readonly Line[];
  /** How many marks its value axis should have, about. */
  readonly marks: number;
  readonly levels: readonly Level[];
  /** Stretches to tint: while the attack runs. */
  readonly tinted: readonly TimeRange[];
}

/** The drawing is 1000 wide and 100 high, stretched to its place by the page. */
const WIDTH = 1000;
const HEIGHT = 100;

function path(panel: Panel, values: readonly number[], top: number): string {
  return values
    .map((value, at) => {
      const x = (acrossPercent(panel.range, panel.tMs[at] ?? 0) / 100) * WIDTH;
      const y = HEIGHT - (value / top) * HEIGHT;
      return `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(2)}`;
    })
    .join('');
}

function area(panel: Panel, values: readonly number[], top: number): string {
  const first = (acrossPercent(panel.range, panel.tMs[0] ?? 0) / 100) * WIDTH;
  const last = (acrossPercent(panel.range, panel.tMs[values.length - 1] ?? 0) / 100) * WIDTH;
  return `${path(panel, values, top)}L${last.toFixed(1)} ${HEIGHT}L${first.toFixed(1)} ${HEIGHT}Z`;
}

/** The unit in which an axis up to `top` reads best. */
function axisUnit(top: number): { readonly unit: string; readonly size: number } {
  if (top >= 2e9) return { unit: 'GB/s', size: 1e9 };
  if (top >= 2e6) return { unit: 'MB/s', size: 1e6 };
  return top >= 2e3 ? { unit: 'KB/s', size: 1e3 } : { unit: 'B/s', size: 1 };
}

function legend(panel: Panel): Markup {
  return html`<ul class="legend">${panel.lines.map(
    ({ name, key }) =>
      html`<li><svg class="sample" viewBox="0 0 24 8" aria-hidden="true"><path class="line ${key}" d="M0 4H24"/></svg>${name}<output data-line="${key}"></output></li>`,
  )}${panel.levels.map(
    ({ name, bytesPerSec }) =>
      html`<li><svg class="sample" viewBox="0 0 24 8" aria-hidden="true"><path class="level" d="M0 4H24"/></svg>${name} ${rate(bytesPerSec)}</li>`,
  )}</ul>`;
}

/** A panel of lines over time with its axis, legend and levels; its value axis begins at 0. */
export function chartPanel(panel: Panel): Markup {
  const highest = Math.max(
    1,
    ...panel.lines.flatMap(({ values }) => values),
    ...panel.levels.map((level) => level.bytesPerSec),
  );
  const marks = ticks(0, highest * 1.12, panel.marks);
  const top = highest * 1.12;
  const { unit, size } = axisUnit(top);
  const up = (value: number): string => `${((value / top) * 100).toFixed(2)}%`;
  const y = (value: number): string => (HEIGHT - (value / top) * HEIGHT).toFixed(2);
  return html`<div class="panel">
<div class="panel-head"><h4>${panel.title} <span class="unit">${unit}</span></h4>${legend(panel)}</div>
<div class="values" aria-hidden="true">${marks.map((mark) => html`<span class="mark" style="bottom:${up(mark)}">${String(Number((mark / size).toPrecision(6)))}</span>`)}</div>
<div class="plot"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">
${panel.tinted.map((part) => {
  const from = acrossPercent(panel.range, part.fromMs) * 10;
  const to = acrossPercent(panel.range, part.toMs) * 10;
  return html`<rect class="tint" x="${from.toFixed(1)}" y="0" width="${Math.max(0, to - from).toFixed(1)}" height="${HEIGHT}"/>`;
})}
${marks.map((mark) => html`<path class="grid" d="M0 ${y(mark)}H${WIDTH}"/>`)}
${panel.levels.map((level) => html`<path class="level" d="M0 ${y(level.bytesPerSec)}H${WIDTH}"/>`)}
${[...panel.lines]
  .reverse()
  .map(({ key, values, filled }) =>
    values.length === 0
      ? null
      : html`${filled === true ? html`<path class="area ${key}" d="${area(panel, values, top)}"/>` : null}<path class="line ${key}" d="${path(panel, values, top)}"/>`,
  )}
</svg><div class="cross" hidden></div></div>
</div>`;
}
