import { count, span } from '../../../core/explain/in-words.ts';
import type { RuleInForce } from '../rules-in-force.ts';
import type { Check, CheckContext } from './context.ts';
import { merged, outside, totalMs } from './intervals.ts';

/** A limit lifted for less than this and set again was never really lifted. */
const FLAPPING_MS = 1000;

function linkOf(rule: RuleInForce): string {
  return rule.link ?? rule.target;
}

/**
 * The longest time that a link was under limits while it was not attacked. A link limit that a target limit takes over
 * counts as one, and so does a limit that flaps: the users behind it feel no difference.
 */
export const maxLimitMs: Check<'maxLimitMs'> = (value, { rules, report }) => {
  const limits = rules.filter((rule) => rule.kind !== 'block-source');
  const { startMs, endMs } = report.attack;
  const stretches = [...new Set(limits.map(linkOf))].flatMap((link) => {
    const together = merged(
      limits.filter((rule) => linkOf(rule) === link),
      FLAPPING_MS,
    );
    return startMs === null || endMs === null ? together : outside(together, { startMs, endMs });
  });
  const longest = Math.max(0, ...stretches.map((stretch) => stretch.endMs - stretch.startMs));
  const peacefully = startMs === null ? '' : ' outside the attack';
  return {
    expected: `no limit lasting over ${span(value)}${peacefully}`,
    measured:
      longest === 0
        ? 'no limit'
        : `${span(longest)} at most, ${span(totalMs(stretches))} in ${count(stretches.length, 'stretch', 'stretches')}`,
    met: longest <= value,
  };
};

interface Gap {
  /** ms until it was blocked again; null: never. */
  readonly gapMs: number | null;
}

/**
 * How long each attacker went free each time its block had ended, while there was time left to block it again; a block
 * that was renewed before it ended left no gap, and counts as one of 0.
 */
function gapsOf(context: CheckContext, sources: readonly string[], lastMs: number): readonly Gap[] {
  return sources.flatMap((source) => {
    const isOwn = (one: { readonly kind: string; readonly target: string }): boolean =>
      one.kind === 'block-source' && one.target === source;
    const covered = merged(context.rules.filter(isOwn));
    const set = context.actions.filter((action) => isOwn(action) && action.status === 'done').length;
    const gaps = covered.flatMap(({ endMs }, at): Gap[] => {
      const next = covered[at + 1];
      if (endMs >= lastMs) return [];
      return [{ gapMs: next === undefined ? null : next.startMs - endMs }];
    });
    return [...gaps, ...Array.from({ length: Math.max(0, set - covered.length) }, () => ({ gapMs: 0 }))];
  });
}

/** The longest time that an attacker whose block had ended went free while the attack went on. */
export const reblockedWithinMs: Check<'reblockedWithinMs'> = (value, context) => {
  const expected = `at most ${span(value)} after each block ended`;
  const { endMs, sources } = context.report.attack;
  if (endMs === null) return { expected, measured: 'there was no attack', met: false };
  const gaps = gapsOf(context, sources, endMs - value);
  if (gaps.length === 0) return { expected, measured: 'no block ended while the attack ran', met: false };
  const never = gaps.filter(({ gapMs }) => gapMs === null);
  const worst = Math.max(...gaps.map(({ gapMs }) => gapMs ?? 0));
  return {
    expected,
    measured:
      never.length === 0
        ? `${span(worst)} at most over ${count(gaps.length, 'time')}`
        : `${count(never.length, 'source')} never blocked again`,
    met: never.length === 0 && worst <= value,
  };
};
