import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { auctionRecords } from '../../../core/explain/auction-records.ts';
import { span } from '../../../core/explain/in-words.ts';
import { journalIndex } from '../../../core/explain/journal-index.ts';
import type { Report } from '../../../protocol/report.ts';
import { planeActions } from '../plane-actions.ts';
import type { Recording } from '../recording.ts';
import { rulesInForce } from '../rules-in-force.ts';
import { disturbanceInWords, expectationsInWords, verdictOf } from '../verdict.ts';
import { actionsSection } from './actions-section.ts';
import { auctionsSection } from './auctions-section.ts';
import { agentsSection, expectationsSection, reproduceSection } from './closing-sections.ts';
import { keyFiguresList } from './key-figures.ts';
import { html, jsonForScript, type Markup, tied } from './markup.ts';
import { timelineSection } from './timeline-section.ts';
import { whyData } from './why-data.ts';

/** In this order: what is narrow comes last, since it overrides. */
const STYLES = [
  'base.css',
  'figures.css',
  'charts.css',
  'lists.css',
  'auctions.css',
  'messages.css',
  'why.css',
  'narrow.css',
] as const;
const SCRIPTS = ['crosshair.js', 'why-panel.js', 'controls.js'] as const;

/** Our own stylesheets and scripts, which go into the page as they are. */
function pageFile(name: string): string {
  return readFileSync(new URL(`./page/${name}`, import.meta.url), 'utf8');
}

function header(recording: Recording, report: Report): Markup {
  const { scenario, plane, seed, defence, durationMs } = recording;
  const failed = report.expectations.some(({ met }) => !met);
  const facts = [
    plane === 'twin' ? 'simulated in the twin' : 'real packets on Linux',
    `defence ${defence}`,
    `seed ${seed}`,
    `ran ${span(durationMs)}`,
  ];
  const disturbance = disturbanceInWords(report);
  return html`<header><p class="kicker">Muster report · ${scenario.name}</p><h1>${scenario.title}</h1>
<p class="verdict">${tied(verdictOf(report))}</p>
<p class="facts">${tied(facts.join(' · '))}${
    report.expectations.length === 0
      ? null
      : html` · <a class="judged ${failed ? 'unmet' : 'met'}" href="#expectations">${failed ? '✗' : '✓'} ${expectationsInWords(report)}</a>`
  }</p>${disturbance === null ? null : html`<p class="facts">${disturbance}</p>`}${keyFiguresList(report)}</header>`;
}

const DIALOG = html`<dialog id="why" aria-labelledby="why-title"><div class="dialog-head"><h2 id="why-title">Why</h2><button type="button" data-close>Close</button></div><div id="why-body"></div></dialog>`;

/**
 * The report as one HTML file that needs nothing else: styles, scripts and data are inside, and its own policy forbids
 * it to fetch anything. Names in the recording are escaped wherever they appear.
 */
export function renderHtml(recording: Recording, report: Report): string {
  const index = journalIndex(recording.journal);
  const actions = planeActions(recording.journal);
  const rules = rulesInForce(actions, recording.durationMs);
  const auctions = auctionRecords(index);
  const timeline = timelineSection({ recording, report, actions, rules });
  const asked = [
    ...report.actions.map(({ id }) => id),
    ...auctions.flatMap(({ entryIds }) => entryIds.slice(-1)),
  ];
  const data = { charts: timeline.charts, why: whyData(index, asked), scenario: recording.scenario.name };
  const script = SCRIPTS.map(pageFile).join('\n');
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'`;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<title>${recording.scenario.title} — Muster report</title><link rel="icon" href="data:,">
<style>${{ markup: STYLES.map(pageFile).join('\n') }}</style></head><body>
<main>${header(recording, report)}
${timeline.markup}
${actionsSection(report)}
${auctionsSection(auctions)}
${agentsSection(report)}
${expectationsSection(report)}
${reproduceSection(report)}
<noscript><p class="note">Without scripts the reasons of an action are told by <code>bin/muster why ID</code>.</p></noscript>
</main>${DIALOG}
<script type="application/json" id="data">${jsonForScript(data)}</script>
<script>${{ markup: script }}</script></body></html>
`;
  return page.markup;
}
