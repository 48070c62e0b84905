import { count, moment } from '../../../core/explain/in-words.ts';
import type { Report, ReportAction } from '../../../protocol/report.ts';
import { html, type Markup } from './markup.ts';

/** Rows past this are left to `report.json`: a page is for reading. */
const MOST_ROWS = 400;

const KIND_NAMES: Readonly<Record<ReportAction['kind'], string>> = {
  'limit-link': 'limit link',
  'limit-target': 'limit target',
  'limit-flow': 'limit flow',
  'block-source': 'block source',
  'remove-rule': 'lift rule',
  'adopt-rules': 'take over rules',
  'expire-rule': 'ran out',
};

function row(action: ReportAction): Markup {
  const kind = KIND_NAMES[action.kind];
  return html`<tr data-kind="${action.kind}"><th scope="row" class="time" data-label="time">${moment(action.tMs)}</th><td data-label="action"><span class="tag ${action.kind}">${kind}</span></td><td data-label="target"><code>${action.target}</code></td><td data-label="agent">${action.agent}</td><td data-label="reason" class="reason">${action.reason}</td><td class="go"><button type="button" data-why="${JSON.stringify([action.id])}" aria-label="Why ${kind} ${action.target} at ${moment(action.tMs)}">Why</button></td></tr>`;
}

/** Every action on the data plane, to be filtered by kind and by words, each with the way to its reasons. */
export function actionsSection({ actions }: Report): Markup {
  const kinds = [...new Set(actions.map(({ kind }) => kind))];
  const shown = actions.slice(0, MOST_ROWS);
  if (actions.length === 0) {
    return html`<section aria-labelledby="actions"><h2 id="actions">Actions</h2><p>Nothing was done on the data plane.</p></section>`;
  }
  return html`<section aria-labelledby="actions" data-filter><h2 id="actions">Actions</h2>
<div class="filters"><fieldset><legend>Show</legend>${kinds.map(
    (kind) =>
      html`<label><input type="checkbox" value="${kind}" checked>${KIND_NAMES[kind]} <span class="count">${actions.filter((action) => action.kind === kind).length}</span></label>`,
  )}</fieldset><label class="search">Find <input type="search" placeholder="address, agent, word of the reason"></label><output class="shown" aria-live="polite">${count(shown.length, 'action')}</output></div>
<table class="list"><thead><tr><th scope="col">time</th><th scope="col">action</th><th scope="col">target</th><th scope="col">agent</th><th scope="col">reason</th><td></td></tr></thead><tbody>${shown.map(row)}</tbody></table>
${actions.length > shown.length ? html`<p class="note">The first ${shown.length} of ${actions.length} actions; all are in report.json.</p>` : null}
</section>`;
}
