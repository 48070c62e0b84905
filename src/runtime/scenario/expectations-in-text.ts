import { type Expectations, ExpectSchema } from '../../protocol/scenario.ts';
import { list, percent, span } from '../report/in-words.ts';

type Key = keyof Expectations;
type Words = { readonly [K in Key]-?: (value: NonNullable<Expectations[K]>) => string };

const WORDS: Words = {
  firstLinkLimitWithinMs: (ms) => `The link is limited within ${span(ms)} of the attack's start.`,
  firstTargetLimitWithinMs: (ms) => `The target is limited within ${span(ms)}.`,
  allSourcesBlockedWithinMs: (ms) => `Every source is blocked within ${span(ms)}.`,
  stepsInOrder: (yes) =>
    yes ? 'First the link, then the target, then the sources.' : 'The steps may come in any order.',
  maxFalsePositives: (n) =>
    n === 0 ? 'No legitimate user is blocked.' : `At most ${n} legitimate users are blocked.`,
  maxFalseNegatives: (n) => (n === 0 ? 'No attacker is missed.' : `At most ${n} attackers are missed.`),
  minGoodputLimitedRatio: (ratio) =>
    `While the target is limited users keep at least ${percent(ratio)} of their goodput.`,
  minGoodputAfterRatio: (ratio) =>
    `Once all are blocked users have at least ${percent(ratio)} of their goodput.`,
  maxGoodputDuringRatioUndefended: (ratio) =>
    `With the defence off users keep at most ${percent(ratio)} (else the case is invalid).`,
  maxLimitMs: (ms) => `No limit lasts over ${span(ms)}.`,
  reblockedWithinMs: (ms) => `Whoever goes on is blocked again within ${span(ms)} of a block's end.`,
  blockedWithinPulses: (n) => `Every source is blocked within the first ${n} pulses.`,
  awardMovesWithinMs: (ms) => `An award whose holder dies moves on within ${span(ms)}.`,
  targets: (names) => `Found as targets: ${list(names)}, and no other.`,
  refusesForHeadroom: (n) => `At least ${n} agents refuse for want of headroom.`,
  activates: (name) => `An agent has to activate ${name}.`,
  noOrphanRules: (yes) => (yes ? 'No rule is left without an owner.' : 'Rules may be left without an owner.'),
};

/** One expectation; the value and its words go by the same key, so their types agree. */
function sentence<K extends Key>(words: Pick<Words, K>, expect: Pick<Expectations, K>, key: K): string[] {
  const value = expect[key];
  return value === undefined || value === null ? [] : [words[key](value)];
}

/** What a scenario expects, a sentence each. */
export function expectationsInText(expect: Expectations): string[] {
  const keys: readonly Key[] = ExpectSchema.keyof().options;
  return keys.flatMap((key) => sentence(WORDS, expect, key));
}
