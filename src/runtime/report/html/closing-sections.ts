import { count, figure } from '../../../core/explain/in-words.ts';
import type { Report } from '../../../protocol/report.ts';
import { AFTER_AT_LEAST_MS, BEFORE_MS, SETTLE_MS } from '../phases.ts';
import { html, type Markup } from './markup.ts';

const MOST_AGENTS = 60;

/** Messages sent and received by each agent as bars with their numbers: a chart that is its own table. */
export function agentsSection({ agents, messages }: Report): Markup {
  const busiest = [...agents].sort((a, b) => b.sent + b.received - (a.sent + a.received));
  const shown = busiest.slice(0, MOST_AGENTS);
  const most = Math.max(1, ...shown.flatMap(({ sent, received }) => [sent, received]));
  const cell = (n: number, kind: string): Markup =>
    html`<td><span class="bar-cell"><span class="track" aria-hidden="true"><span class="amount ${kind}" style="width:${((n / most) * 100).toFixed(1)}%"></span></span><span class="number">${n}</span></span></td>`;
  return html`<section aria-labelledby="agents"><h2 id="agents">Messages</h2><p class="lead">${count(messages, 'ACL message')} sent by ${count(agents.length, 'agent')}.</p>
<table class="agents"><thead><tr><th scope="col">agent</th><th scope="col">sent</th><th scope="col">received</th><th scope="col">roles</th></tr></thead><tbody>${shown.map(
    ({ agent, sent, received, roles }) =>
      html`<tr><th scope="row" class="agent-name">${agent}</th>${cell(sent, 'sent')}${cell(received, 'received')}<td class="roles">${roles.join(', ')}</td></tr>`,
  )}</tbody></table>${agents.length > shown.length ? html`<p class="note">The ${shown.length} busiest; ${agents.length - shown.length} more are in report.json.</p>` : null}</section>`;
}

/** What the scenario expected and what was measured. */
export function expectationsSection({ expectations }: Report): Markup {
  if (expectations.length === 0) return html``;
  return html`<section aria-labelledby="expectations"><h2 id="expectations">Expectations</h2>
<table class="list expectations"><thead><tr><th scope="col">result</th><th scope="col">name</th><th scope="col">expected</th><th scope="col">measured</th></tr></thead><tbody>${expectations.map(
    ({ name, expected, measured, met }) =>
      html`<tr class="${met ? 'met' : 'unmet'}"><td data-label="result"><span class="verdict-tag">${met ? '✓ met' : '✗ not met'}</span></td><th scope="row" data-label="name"><code>${name}</code></th><td data-label="expected">${expected}</td><td data-label="measured">${measured}</td></tr>`,
  )}</tbody></table></section>`;
}

/** How to get the same run again, and how the figures are made. */
export function reproduceSection(report: Report): Markup {
  const { scenario, plane, seed, defence } = report;
  const commands = [
    `bin/muster scenario run scenarios/${scenario}.yaml --plane ${plane} --seed ${seed} --defence ${defence} --out runs/${scenario}-${seed}`,
    ...report.actions.slice(-1).map(({ id }) => `bin/muster why ${id} --run runs/${scenario}-${seed}`),
    `bin/muster replay runs/${scenario}-${seed}`,
  ];
  return html`<section aria-labelledby="again"><h2 id="again">Do it again</h2>
<div class="command"><pre><code>${commands.map((command) => html`${command}\n`)}</code></pre><button type="button" data-copy>Copy</button></div>
<p class="note">${traceNote(plane, report.traceHash)}</p>
<details class="twin"><summary>How the figures are made</summary><dl class="definitions">
<dt>Goodput</dt><dd>Body bytes that users received in requests that ended in time (a page within 2 s, a video chunk within its play time), a second. The bytes of a request are spread evenly from its start to its end.</dd>
<dt>Before, during, limited, after</dt><dd>Before: the ${figure(BEFORE_MS / 1000)} s before the first attack packet. During: from it until all sources are blocked or the attack ends. Limited: the part of it from the first target limit on. After: from ${figure(SETTLE_MS / 1000)} s after the last source is blocked, while the attack still runs, if that is ${figure(AFTER_AT_LEAST_MS / 1000)} s or more.</dd>
<dt>Offered and delivered</dt><dd>Attack offered is what the attackers sent towards the link; delivered is what the link let through. Total and legitimate are delivered. All count link-layer frames, read every ${report.traffic.periodMs} ms.</dd>
<dt>Who is an attacker</dt><dd>Known to this report alone. The agents get only what the data plane measures.</dd>
</dl></details></section>`;
}

function traceNote(plane: 'twin' | 'linux', traceHash: string | null): Markup {
  if (traceHash === null)
    return html`Each agent ran in a process of its own: there is no one trace of them all.`;
  const same =
    plane === 'twin'
      ? 'The twin gives the same trace for the same seed'
      : 'Real packets differ a little from run to run; the replay of this recording does not';
  return html`${same}. Trace <code class="hash">${traceHash}</code>`;
}
