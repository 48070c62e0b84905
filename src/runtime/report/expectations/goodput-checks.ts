import { percent, span } from '../../../core/explain/in-words.ts';
import type { Report } from '../../../protocol/report.ts';
import { AFTER_AT_LEAST_MS, SETTLE_MS } from '../phases.ts';
import type { Check } from './context.ts';

/** Why there is no figure for the time after mitigation; null when there is one. */
export function whyNoAfter({ attack, mitigation, legitimate }: Report): string | null {
  if (legitimate.goodputAfter !== null || attack.startMs === null || attack.endMs === null) return null;
  if (mitigation.allSourcesBlockedMs === null) return 'not all sources were blocked';
  const leftMs = attack.endMs - mitigation.allSourcesBlockedMs - SETTLE_MS;
  return `the attack ran for only ${span(Math.max(0, leftMs))} after the users had ${span(SETTLE_MS)} to come back, not ${span(AFTER_AT_LEAST_MS)}`;
}

/** Why there is no figure for the time under limits; null when there is one. */
export function whyNoLimited({ attack, mitigation, legitimate }: Report): string | null {
  if (legitimate.goodputLimited !== null || attack.startMs === null) return null;
  if (mitigation.firstTargetLimitMs === null) return 'no attacked target was limited';
  return 'all sources were blocked, or the attack over, before the target limit took effect';
}

function ratioTo(before: number | null, figure: number | null): number | null {
  return before === null || figure === null || before === 0 ? null : figure / before;
}

/** Goodput during the target limit against that before the attack. */
export const minGoodputLimitedRatio: Check<'minGoodputLimitedRatio'> = (value, { report }) => {
  const ratio = ratioTo(report.legitimate.goodputBefore, report.legitimate.goodputLimited);
  return {
    expected: `at least ${percent(value)} of before`,
    measured: ratio === null ? (whyNoLimited(report) ?? 'no goodput before the attack') : percent(ratio),
    met: ratio !== null && ratio >= value,
  };
};

/** Goodput once all sources are blocked, the attack still running, against that before it. */
export const minGoodputAfterRatio: Check<'minGoodputAfterRatio'> = (value, { report }) => {
  const ratio = ratioTo(report.legitimate.goodputBefore, report.legitimate.goodputAfter);
  return {
    expected: `at least ${percent(value)} of before`,
    measured: ratio === null ? (whyNoAfter(report) ?? 'no goodput before the attack') : percent(ratio),
    met: ratio !== null && ratio >= value,
  };
};

/** The control: undefended, the attack must really do harm, else the case shows nothing. */
export const maxGoodputDuringRatioUndefended: Check<'maxGoodputDuringRatioUndefended'> = (
  value,
  { report },
) => {
  const ratio = ratioTo(report.legitimate.goodputBefore, report.legitimate.goodputDuring);
  return {
    expected: `at most ${percent(value)} of before`,
    measured: ratio === null ? 'no goodput before the attack' : percent(ratio),
    met: ratio !== null && ratio <= value,
  };
};
