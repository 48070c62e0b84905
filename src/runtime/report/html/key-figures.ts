import type { Report } from '../../../protocol/report.ts';
import { count, percent, rate, span } from '../in-words.ts';
import { ratioOf } from '../verdict.ts';
import { html, type Markup } from './markup.ts';

interface KeyFigure {
  readonly value: string;
  readonly name: string;
  readonly detail: string;
}

function share(part: number | null, before: number | null, name: string): KeyFigure[] {
  const ratio = ratioOf(part, before);
  if (ratio === null || part === null || before === null) return [];
  return [{ value: percent(ratio), name, detail: `${rate(part)}; before the attack ${rate(before)}` }];
}

function keyFigures({ attack, mitigation, legitimate, defence }: Report): readonly KeyFigure[] {
  const { startMs } = attack;
  const { goodputBefore, goodputDuring, goodputLimited, goodputAfter, requestsInTime, requestsLate } =
    legitimate;
  const all = requestsInTime + requestsLate;
  const figures: KeyFigure[] = [
    ...share(goodputAfter, goodputBefore, 'of goodput after the last block'),
    ...share(goodputLimited, goodputBefore, 'of goodput under the target limit'),
  ];
  if (defence === 'off' || figures.length === 0)
    figures.push(...share(goodputDuring, goodputBefore, 'of goodput during the attack'));
  const { allSourcesBlockedMs, firstLinkLimitMs, firstTargetLimitMs, detectedMs, falsePositives } =
    mitigation;
  if (startMs !== null && allSourcesBlockedMs !== null) {
    figures.push({
      value: span(allSourcesBlockedMs - startMs),
      name: 'until all sources were blocked',
      detail: `${count(attack.sources.length, 'source')}, from the first attack packet`,
    });
  }
  if (startMs !== null && firstLinkLimitMs !== null) {
    const parts = [
      ...(detectedMs === null ? [] : [`noticed after ${span(detectedMs - startMs)}`]),
      ...(firstTargetLimitMs === null ? [] : [`target limited after ${span(firstTargetLimitMs - startMs)}`]),
    ];
    figures.push({
      value: span(firstLinkLimitMs - startMs),
      name: 'until the link was limited',
      detail: parts.join(', '),
    });
  }
  if (defence === 'on') {
    figures.push({
      value: String(falsePositives),
      name: falsePositives === 1 ? 'user blocked by mistake' : 'users blocked by mistake',
      detail: `of ${count(legitimate.users, 'user')}`,
    });
  }
  if (all > 0) {
    figures.push({
      value: percent(requestsInTime / all),
      name: 'of requests served in time',
      detail: `${count(all, 'request')}: a page within 2 s, a video chunk within its play time`,
    });
  }
  return figures;
}

/** The few figures that matter most, each with its unit and what it means. */
export function keyFiguresList(report: Report): Markup {
  return html`<dl class="figures">${keyFigures(report).map(
    ({ value, name, detail }) =>
      html`<div><dt>${name}</dt><dd><strong>${value}</strong><span>${detail}</span></dd></div>`,
  )}</dl>`;
}
