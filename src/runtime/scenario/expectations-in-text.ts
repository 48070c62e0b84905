import { list, percent, span } from '../../core/explain/in-words.ts';
import type { Expectations } from '../../protocol/scenario.ts';

/** What a scenario expects, a sentence each. */
export function expectationsInText(expect: Expectations): string[] {
  return [
    ...told(
      expect.firstLinkLimitWithinMs,
      (ms) => `The link is limited within ${span(ms)} of the attack's start.`,
    ),
    ...told(expect.firstTargetLimitWithinMs, (ms) => `The target is limited within ${span(ms)}.`),
    ...told(expect.allSourcesBlockedWithinMs, (ms) => `Every source is blocked within ${span(ms)}.`),
    ...told(expect.stepsInOrder, (yes) =>
      yes ? 'First the link, then the target, then the sources.' : 'The steps may come in any order.',
    ),
    ...told(expect.maxFalsePositives, (n) =>
      n === 0 ? 'No legitimate user is blocked.' : `At most ${n} legitimate users are blocked.`,
    ),
    ...told(expect.maxFalseNegatives, (n) =>
      n === 0 ? 'No attacker is missed.' : `At most ${n} attackers are missed.`,
    ),
    ...told(
      expect.minGoodputLimitedRatio,
      (ratio) => `While the target is limited users keep at least ${percent(ratio)} of their goodput.`,
    ),
    ...told(
      expect.minGoodputAfterRatio,
      (ratio) => `Once all are blocked users have at least ${percent(ratio)} of their goodput.`,
    ),
    ...told(
      expect.maxGoodputDuringRatioUndefended,
      (ratio) => `With the defence off users keep at most ${percent(ratio)} (else the case is invalid).`,
    ),
    ...told(expect.maxLimitMs, (ms) => `No limit lasts over ${span(ms)}.`),
    ...told(
      expect.reblockedWithinMs,
      (ms) => `Whoever goes on is blocked again within ${span(ms)} of a block's end.`,
    ),
    ...told(expect.blockedWithinPulses, (n) => `Every source is blocked within the first ${n} pulses.`),
    ...told(expect.awardMovesWithinMs, (ms) => `An award whose holder dies moves on within ${span(ms)}.`),
    ...told(expect.targets, (names) => `Found as targets: ${list(names)}, and no other.`),
    ...told(expect.refusesForHeadroom, (n) => `At least ${n} agents refuse for want of headroom.`),
    ...told(expect.activates, (name) => `An agent has to activate ${name}.`),
    ...told(expect.noOrphanRules, (yes) =>
      yes ? 'No rule is left without an owner.' : 'Rules may be left without an owner.',
    ),
  ];
}

function told<T>(value: T | undefined, words: (value: T) => string): string[] {
  return value === undefined ? [] : [words(value)];
}
