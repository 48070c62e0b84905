import type { ExpectationResult, Report } from '../../protocol/report.ts';
import type { Expectations } from '../../protocol/scenario.ts';
import {
  activates,
  awardMovesWithinMs,
  noOrphanRules,
  refusesForHeadroom,
} from './expectations/agent-checks.ts';
import { type Check, checkContext } from './expectations/context.ts';
import {
  maxGoodputDuringRatioUndefended,
  minGoodputAfterRatio,
  minGoodputLimitedRatio,
} from './expectations/goodput-checks.ts';
import { maxLimitMs, reblockedWithinMs } from './expectations/limit-checks.ts';
import {
  allSourcesBlockedWithinMs,
  blockedWithinPulses,
  firstLinkLimitWithinMs,
  firstTargetLimitWithinMs,
  maxFalseNegatives,
  maxFalsePositives,
  stepsInOrder,
  targets,
} from './expectations/mitigation-checks.ts';
import type { Recording } from './recording.ts';

/** One check for every field of a scenario's `expect`: a field without one does not compile. */
const CHECKS: { readonly [K in keyof Required<Expectations>]: Check<K> } = {
  firstLinkLimitWithinMs,
  firstTargetLimitWithinMs,
  allSourcesBlockedWithinMs,
  stepsInOrder,
  maxFalsePositives,
  maxFalseNegatives,
  minGoodputLimitedRatio,
  minGoodputAfterRatio,
  maxGoodputDuringRatioUndefended,
  maxLimitMs,
  reblockedWithinMs,
  blockedWithinPulses,
  awardMovesWithinMs,
  targets,
  refusesForHeadroom,
  activates,
  noOrphanRules,
};

/** The one expectation that is about the control run; all others are about what the agents do. */
const OF_THE_CONTROL = 'maxGoodputDuringRatioUndefended';

/**
 * Judges every expectation of the scenario that applies: with the defence off only the control's, with it on all
 * others. Those that do not apply are left out. Pure.
 */
export function checkExpectations(recording: Recording, report: Report): readonly ExpectationResult[] {
  const context = checkContext(recording, report);
  const { expect } = recording.scenario;
  const results: ExpectationResult[] = [];
  const check = <K extends keyof Expectations>(name: K): void => {
    const value = expect[name];
    if (value === undefined || value === null) return;
    if ((name === OF_THE_CONTROL) !== (recording.defence === 'off')) return;
    const judge: Check<K> = CHECKS[name];
    results.push({ name, ...judge(value, context) });
  };
  for (const name of Object.keys(CHECKS)) if (isExpectation(name)) check(name);
  return results;
}

function isExpectation(name: string): name is keyof Expectations {
  return name in CHECKS;
}
