import type { Finding } from '../../core/problems/problem.ts';
import type { Expectations } from '../../protocol/scenario.ts';
import type { ScenarioView } from './scenario-view.ts';
import { childOf } from './schema-shape.ts';

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
] as const satisfies readonly (keyof Expectations)[];

/** An expectation that nothing in the scenario could ever meet or break is a mistake. */
export function checkExpectations({ raw, lists }: ScenarioView): Finding[] {
  const findings: Finding[] = [];
  const need = (key: keyof Expectations, met: boolean, message: string, mend: string): void => {
    const isSet = childOf(childOf(raw, 'expect'), key) !== undefined;
    if (isSet && !met)
      findings.push({ path: ['expect', key], at: 'key', message: `\`${key}\` ${message}`, mend });
  };
  const attacked = lists.attacks.length > 0;
  for (const key of NEED_ATTACK) {
    need(key, attacked, 'is about an attack, and there is none', 'add an attack, or remove it');
  }
  const pulsing = lists.attacks.some((entry) => childOf(entry.raw, 'pulse') !== undefined);
  const pulseMend = 'add `pulse: { onMs, offMs }` to an attack, or remove it';
  need('blockedWithinPulses', pulsing, 'is about a pulsing attack, and none has a `pulse`', pulseMend);
  const faulty = lists.faults.length > 0;
  need(
    'awardMovesWithinMs',
    faulty,
    'is about an agent that stops, and there is no fault',
    'add a fault, or remove it',
  );
  return findings;
}
