import { count, list, span } from '../../../core/explain/in-words.ts';
import type { RuleInForce } from '../rules-in-force.ts';
import type { Check, CheckContext } from './context.ts';
import { merged } from './intervals.ts';

function within(
  limitMs: number,
  tMs: number | null,
  { report }: CheckContext,
  never: string,
): ReturnType<Check<'firstLinkLimitWithinMs'>> {
  const expected = `at most ${span(limitMs)} after the attack's first packet`;
  const { startMs } = report.attack;
  if (startMs === null) return { expected, measured: 'there was no attack', met: false };
  if (tMs === null) return { expected, measured: never, met: false };
  return { expected, measured: span(tMs - startMs), met: tMs - startMs <= limitMs };
}

/** Time from the first attack packet to the first limit on a link. */
export const firstLinkLimitWithinMs: Check<'firstLinkLimitWithinMs'> = (value, context) =>
  within(value, context.report.mitigation.firstLinkLimitMs, context, 'no link was limited');

/** Time from the first attack packet to the first limit on an attacked target. */
export const firstTargetLimitWithinMs: Check<'firstTargetLimitWithinMs'> = (value, context) =>
  within(value, context.report.mitigation.firstTargetLimitMs, context, 'no attacked target was limited');

/** Time from the first attack packet until every attacker has been blocked once. */
export const allSourcesBlockedWithinMs: Check<'allSourcesBlockedWithinMs'> = (value, context) => {
  const { attack, mitigation } = context.report;
  const left = attack.sources.filter((source) => !mitigation.blockedSources.includes(source));
  return within(value, mitigation.allSourcesBlockedMs, context, `never blocked: ${list(left, 6)}`);
};

/** The paper's order: a link limit, then a target limit, then a block of an attacker. */
export const stepsInOrder: Check<'stepsInOrder'> = (value, { rules, report }) => {
  const from = report.attack.startMs ?? Number.NEGATIVE_INFINITY;
  const attackers = new Set(report.attack.sources);
  const first = (kind: RuleInForce['kind'], counts: (rule: RuleInForce) => boolean): number =>
    rules.findIndex((rule) => rule.kind === kind && rule.endMs > from && counts(rule));
  const steps = [
    { name: 'link', at: first('limit-link', () => true) },
    { name: 'target', at: first('limit-target', () => true) },
    { name: 'sources', at: first('block-source', (rule) => attackers.has(rule.target)) },
  ];
  // Rules are sorted by time and, within a moment, in the order in which they were carried out.
  const taken = steps.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at);
  const inOrder = taken.length === 3 && taken.every(({ name }, at) => name === steps[at]?.name);
  const told = taken.map(
    ({ name, at }) => `${name} ${span((rules[at]?.startMs ?? 0) - (report.attack.startMs ?? 0))}`,
  );
  return {
    expected: value ? 'link, then target, then sources' : 'another order than link, target, sources',
    measured: taken.length === 0 ? 'no step was taken' : told.join(', '),
    met: inOrder === value,
  };
};

/** Legitimate addresses that were blocked. */
export const maxFalsePositives: Check<'maxFalsePositives'> = (value, { report, recording }) => {
  const users = new Set<string>(recording.truth.users.map(({ address }) => address));
  const wronged = report.mitigation.blockedSources.filter((source) => users.has(source));
  return {
    expected: `at most ${count(value, 'user')} blocked`,
    measured: wronged.length === 0 ? 'nobody' : `${wronged.length}: ${list(wronged, 6)}`,
    met: wronged.length <= value,
  };
};

/** Attackers that were never blocked. */
export const maxFalseNegatives: Check<'maxFalseNegatives'> = (value, { report }) => {
  const { sources } = report.attack;
  const missed = sources.filter((source) => !report.mitigation.blockedSources.includes(source));
  return {
    expected: `at most ${count(value, 'attacker')} missed`,
    measured: sources.length === 0 ? 'there was no attack' : `${missed.length} of ${sources.length}`,
    met: sources.length > 0 && missed.length <= value,
  };
};

/** The functions whose traffic was limited as a target's are exactly these. */
export const targets: Check<'targets'> = (value, { rules, recording }) => {
  const nameOf = new Map<string, string>();
  for (const { name, kind } of recording.scenario.functions) {
    const address = recording.addresses[name];
    if (kind === 'web-server' && address !== undefined) nameOf.set(address, name);
  }
  const limited = rules
    .filter((rule) => rule.kind === 'limit-target')
    .map(({ target }) => nameOf.get(target) ?? target);
  const found = [...new Set(limited)].sort();
  const wanted = [...new Set<string>(value)].sort();
  return {
    expected: wanted.length === 0 ? 'no target limited' : `${list(wanted)} limited, no other`,
    measured: found.length === 0 ? 'none' : list(found),
    met: found.length === wanted.length && found.every((name, at) => name === wanted[at]),
  };
};

/** Bursts of attack that had begun when the last source was blocked for the first time. */
export const blockedWithinPulses: Check<'blockedWithinPulses'> = (value, { recording, report }) => {
  const expected = `at most ${count(value, 'pulse')} begun before all sources are blocked`;
  const { allSourcesBlockedMs } = report.mitigation;
  if (allSourcesBlockedMs === null) return { expected, measured: 'not all sources were blocked', met: false };
  const begun = merged(recording.pulses).filter(({ startMs }) => startMs < allSourcesBlockedMs).length;
  return { expected, measured: count(begun, 'pulse'), met: begun <= value };
};
