import { count, moment, span } from '../../../core/explain/in-words.ts';
import { merged } from '../expectations/intervals.ts';
import type { PlaneAction } from '../plane-actions.ts';
import type { Interval } from '../recording.ts';
import type { RuleInForce } from '../rules-in-force.ts';
import { acrossPercent, type TimeRange } from './axis.ts';
import { html, type Markup } from './markup.ts';

interface Lane {
  readonly name: string;
  readonly kind: RuleInForce['kind'];
}

const LANES: readonly Lane[] = [
  { name: 'Link limit', kind: 'limit-link' },
  { name: 'Target limit', kind: 'limit-target' },
  { name: 'Flow limit', kind: 'limit-flow' },
  { name: 'Blocks', kind: 'block-source' },
];

/** What the lanes show: rules of one link, and of those that name no link. */
export interface LaneInput {
  readonly range: TimeRange;
  readonly bursts: readonly Interval[];
  readonly rules: readonly RuleInForce[];
  readonly actions: readonly PlaneAction[];
}

interface Cluster {
  readonly actions: PlaneAction[];
  readonly atPercent: number;
}

/** Actions nearer to each other than a marker is wide share one, so that none hides another. */
function clusters(
  range: TimeRange,
  actions: readonly PlaneAction[],
  apartPercent: number,
): readonly Cluster[] {
  const found: Cluster[] = [];
  for (const action of actions) {
    const at = acrossPercent(range, action.tMs);
    const last = found[found.length - 1];
    if (last !== undefined && at - last.atPercent < apartPercent) last.actions.push(action);
    else found.push({ actions: [action], atPercent: at });
  }
  return found;
}

function isEnd(action: PlaneAction): boolean {
  return action.kind === 'remove-rule' || action.status === 'expired';
}

function label(lane: Lane, actions: readonly PlaneAction[]): string {
  const [first] = actions;
  const last = actions[actions.length - 1];
  if (first === undefined || last === undefined) return '';
  const set = actions.filter((action) => !isEnd(action)).length;
  const what =
    set === 0
      ? 'lifted or run out'
      : set === actions.length
        ? 'set'
        : `${set} set, ${actions.length - set} ended`;
  if (actions.length === 1) return `${lane.name} ${what} at ${moment(first.tMs)}: ${first.target}. Why?`;
  return `${lane.name}: ${count(actions.length, 'action')}, ${what}, ${moment(first.tMs)} to ${moment(last.tMs)}. Why?`;
}

function markers(
  lane: Lane,
  range: TimeRange,
  actions: readonly PlaneAction[],
  apart: number,
  shown: string,
): Markup {
  return html`<div class="markers ${shown}">${clusters(range, actions, apart).map(
    ({ actions: held, atPercent }) => {
      const name = label(lane, held);
      const ends = held.every(isEnd);
      const ids = JSON.stringify(held.map(({ entry }) => entry.id));
      return html`<button type="button" class="marker ${ends ? 'ended' : 'set'}" style="left:${atPercent}%" data-why="${ids}" aria-label="${name}" title="${name}">${held.length === 1 ? '' : held.length}</button>`;
    },
  )}</div>`;
}

function bars(range: TimeRange, stretches: readonly Interval[], kind: string, told: string): Markup[] {
  return stretches
    .filter(({ startMs, endMs }) => endMs > range.fromMs && startMs < range.toMs)
    .map(({ startMs, endMs }) => {
      const from = acrossPercent(range, startMs);
      const width = Math.max(0.15, acrossPercent(range, endMs) - from);
      return html`<span class="bar ${kind}" style="left:${from}%;width:${width.toFixed(2)}%" title="${told}, ${moment(startMs)} to ${moment(endMs)} (${span(endMs - startMs)})"></span>`;
    });
}

/** Rows under a chart, on its time axis: when the attack ran and each kind of rule was in force, with a marker for each action. */
export function chartLanes({ range, bursts, rules, actions }: LaneInput): Markup {
  const kindOf = new Map(
    actions.filter((action) => !isEnd(action)).map((action) => [action.rule, action.kind]),
  );
  const within = (action: PlaneAction): boolean => action.tMs >= range.fromMs && action.tMs <= range.toMs;
  const rows = LANES.flatMap((lane) => {
    const own = rules.filter((rule) => rule.kind === lane.kind);
    const acted = actions.filter(
      (action) => within(action) && (isEnd(action) ? kindOf.get(action.rule) : action.kind) === lane.kind,
    );
    if (own.length === 0 && (acted.length === 0 || lane.kind === 'limit-flow')) return [];
    return [
      html`<div class="lane"><span class="lane-name">${lane.name}</span><div class="lane-plot">${bars(range, merged(own), lane.kind, `${lane.name} in force`)}${markers(lane, range, acted, 2.2, 'wide')}${markers(lane, range, acted, 8.5, 'narrow')}</div></div>`,
    ];
  });
  const attack =
    bursts.length === 0
      ? null
      : html`<div class="lane"><span class="lane-name">Attack</span><div class="lane-plot">${bars(range, merged(bursts), 'attack', 'attack')}</div></div>`;
  return html`<div class="lanes">${attack}${rows}</div>`;
}
