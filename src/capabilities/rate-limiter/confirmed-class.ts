import { beliefType, believe } from '../../core/bdi/belief.ts';
import { goalType } from '../../core/bdi/goal.ts';
import type { StepEffect } from '../../core/bdi/plan.ts';
import { definePlan, done } from '../../core/bdi/plan.ts';

/** Confirmed sources keep their class for so long after they were last seen confirmed. */
const CONFIRMED_TTL_MS = 10_000;
/** How often those confirmed are read, and their class is renewed. */
export const CONFIRMED_PERIOD_MS = 500;

/** Sources of a link that have earned a class of their own. */
export const earned = beliefType<{ sources: readonly string[] }>('confirmedSources');
/** Their class was renewed a moment ago. */
export const renewed = beliefType<{ atMs: number }>('confirmedRenewed', { ttlMs: CONFIRMED_PERIOD_MS });

/** Whoever has earned the class is put into it again before it runs out. */
export const classRenewed = goalType<{ link: string }>('confirmedClassRenewed', 'perform', ['link']);

/** Puts sources into the class that is not limited. */
export function confirm(link: string, sources: readonly string[]): StepEffect {
  return {
    kind: 'act',
    action: { kind: 'confirm-sources', link, sources, ttlMs: CONFIRMED_TTL_MS },
    reason: `${sources.length} sources have completed handshakes`,
  };
}

/** Renews the class of those that are known, if there are any. */
export const renewClass = definePlan(classRenewed, 'renew-confirmed-class', {
  steps: {
    renew: ({ args, beliefs, nowMs }) => {
      const sources = beliefs.value(earned, args.link)?.sources ?? [];
      const note = {
        kind: 'revise' as const,
        revision: believe(renewed, args.link, { atMs: nowMs }, 'just renewed'),
      };
      return done(undefined, sources.length === 0 ? [note] : [note, confirm(args.link, sources)]);
    },
  },
});
