import type { Expectations } from '../../protocol/scenario.ts';
import type { Finding } from './problem.ts';
import type { ScenarioView } from './scenario-view.ts';

const NEED_ATTACK = [
  'firstLinkLimitWithinMs',
  'firstTargetLimitWithinMs',
  'allSourcesBlockedWithinMs',
  'stepsInOrder',
  'maxFalseNegatives',
  'minGoodputLimitedRatio',
  'minGoodputAfterRatio',
  'maxGoodputDuringRatioUndefended',
  'reblockedWithinMs',
  'blockedWithinPulses',
] as const satisfies readonly (keyof Expectations)[];

/** An expectation that nothing in the scenario could ever meet or break is a mistake. */
export function checkExpectations(view: ScenarioView): Finding[] {
  const findings: Finding[] = [];
  const report = (key: keyof Expectations, message: string, mend: string): void => {
    findings.push({ path: ['expect', key], at: 'key', message: `\`${key}\` ${message}`, mend });
  };
  const isSet = (key: keyof Expectations): boolean => view.expect[key] !== undefined;
  const attacked = view.attacks.items.length > 0 || !view.attacks.whole;
  for (const key of NEED_ATTACK) {
    if (isSet(key) && !attacked)
      report(key, 'is about an attack, and there is none', 'add an attack, or remove it');
  }
  if (
    isSet('blockedWithinPulses') &&
    attacked &&
    view.attacks.whole &&
    !view.attacks.items.some((one) => one.value.pulse !== undefined)
  ) {
    report(
      'blockedWithinPulses',
      'is about a pulsing attack, and none has a `pulse`',
      'add `pulse: { onMs, offMs }` to an attack, or remove it',
    );
  }
  if (isSet('awardMovesWithinMs') && view.faults.whole && view.faults.items.length === 0) {
    report(
      'awardMovesWithinMs',
      'is about an agent that stops, and there is no fault',
      'add a fault, or remove it',
    );
  }
  return findings;
}
