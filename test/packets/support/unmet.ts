import type { Report } from '../../../src/protocol/report.ts';
import type { Scenario } from '../../../src/protocol/scenario.ts';

/**
 * How much longer than on a machine of its own an answer to an attack may take here: tests run beside who knows what. Whether it is
 * in time is for `muster scenario run` to say, and for `make bench-scenarios` to measure.
 */
const BUSY = 3;

/** Names of the expectations that a run on real packets did not meet, or, of those about time, not even nearly. */
export function unmet(report: Report, { expect }: Scenario): readonly string[] {
  const { mitigation, attack } = report;
  const bounds = new Map([
    ['firstLinkLimitWithinMs', [mitigation.firstLinkLimitMs, expect.firstLinkLimitWithinMs]],
    ['firstTargetLimitWithinMs', [mitigation.firstTargetLimitMs, expect.firstTargetLimitWithinMs]],
    ['allSourcesBlockedWithinMs', [mitigation.allSourcesBlockedMs, expect.allSourcesBlockedWithinMs]],
  ]);
  return report.expectations.flatMap(({ name, met }) => {
    if (met) return [];
    const [tMs, limitMs] = bounds.get(name) ?? [];
    if (typeof tMs !== 'number' || typeof limitMs !== 'number') return [name];
    return tMs - (attack.startMs ?? Number.NaN) <= BUSY * limitMs ? [] : [name];
  });
}
