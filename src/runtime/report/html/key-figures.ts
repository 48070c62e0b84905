import { count, percent, rate, span } from '../../../core/explain/in-words.ts';
import type { Report } from '../../../protocol/report.ts';
import { ratioOf } from '../verdict.ts';
import { html, type Markup, tied } from './markup.ts';

interface KeyFigure {
  readonly value: string;
  readonly name: string;
  readonly detail: string;
}

function share(part: number | null, before: number | null, name: string): KeyFigure[] {
  const ratio = ratioOf(part, before);
  if (ratio === null || part === null || before === null) return [];
  return [{ value: percent(ratio), name, detail: `${rate(part)}, before the attack ${rate(before)}` }];
}

function keyFigures({ attack, mitigation, legitimate, defence }: Report): readonly KeyFigure[] {
  const { startMs } = attack;
  const { goodputBefore, goodputDuring, goodputLimited, goodputAfter, requestsInTime, requestsLate } =
    legitimate;
  const all = requestsInTime + requestsLate;
  const figures: KeyFigure[] = [
    ...share(goodputAfter, goodputBefore, 'goodput once all were blocked'),
    ...share(goodputLimited, goodputBefore, 'goodput while the target was limited'),
  ];
  if (defence === 'off' || figures.length === 0) {
    figures.push(...share(goodputDuring, goodputBefore, 'goodput during the attack'));
  }
  const { allSourcesBlockedMs, firstLinkLimitMs, firstTargetLimitMs, falsePositives } = mitigation;
  const since = (tMs: number | null, name: string): void => {
    if (startMs !== null && tMs !== null)
      figures.push({ value: span(tMs - startMs), name, detail: 'after the first attack packet' });
  };
  since(firstLinkLimitMs, 'to the link limit');
  since(firstTargetLimitMs, 'to the target limit');
  since(
    allSourcesBlockedMs,
    attack.sources.length === 1 ? 'to the block' : `to all ${attack.sources.length} blocked`,
  );
  if (defence === 'on') {
    const name = falsePositives === 1 ? 'user blocked by mistake' : 'users blocked by mistake';
    figures.push({ value: String(falsePositives), name, detail: `of ${count(legitimate.users, 'user')}` });
  }
  if (figures.length < 6 && all > 0) {
    figures.push({
      value: percent(requestsInTime / all),
      name: 'of requests served in time',
      detail: `of ${count(all, 'request')}`,
    });
  }
  return figures;
}

/** The few figures that matter most, each with its unit and what it means. */
export function keyFiguresList(report: Report): Markup {
  return html`<dl class="figures">${keyFigures(report).map(
    ({ value, name, detail }) =>
      html`<div><dt>${name}</dt><dd><strong>${tied(value)}</strong><span>${tied(detail)}</span></dd></div>`,
  )}</dl>`;
}
