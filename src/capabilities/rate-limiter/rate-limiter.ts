import type { Revision } from '../../core/bdi/belief.ts';
import { believe } from '../../core/bdi/belief.ts';
import type { BeliefView } from '../../core/bdi/belief-base.ts';
import type { Option } from '../../core/bdi/capability.ts';
import { adopt, capability } from '../../core/bdi/capability.ts';
import type { Percept } from '../../core/bdi/event.ts';
import { perceived } from '../../core/bdi/event.ts';
import { blocksCarriedOut, linkRateLimited, sourceBlockSet, targetRateLimited } from '../defence-goals.ts';
import { awardEnded, confirmedRead } from '../percepts.ts';
import { block, standBy } from './block-plans.ts';
import { classRenewed, earned, renewClass, renewed } from './confirmed-class.ts';
import { limitLink, limitTarget } from './limit-plans.ts';
import { awardOver, inForce, liftRule, removeRules, ruleLifted, rulesRemoved } from './rules-in-force.ts';

function reviseBeliefs(event: Percept, beliefs: BeliefView): readonly Revision[] {
  const reading = perceived(confirmedRead, event);
  if (reading !== undefined) {
    return [
      believe(earned, event.subject, { sources: reading.sources }, `${reading.sources.length} confirmed`),
    ];
  }
  const ended = perceived(awardEnded, event);
  if (ended !== undefined && beliefs.isTrue(inForce, event.subject)) {
    return [believe(awardOver, event.subject, { reason: ended.reason }, ended.reason)];
  }
  return [];
}

function generateOptions(beliefs: BeliefView): readonly Option[] {
  const options: Option[] = [];
  for (const { subject: award, value, key } of beliefs.all(awardOver)) {
    options.push(
      adopt(
        rulesRemoved,
        { award, reason: value?.reason ?? 'the award is over' },
        'the award is over',
        [key],
        7,
      ),
    );
  }
  for (const { subject: link, key } of beliefs.all(earned)) {
    const used = beliefs
      .all(inForce)
      .some((each) => each.value?.link === link && each.value.rules.length > 0);
    if (used && beliefs.isUnknown(renewed, link)) {
      options.push(adopt(classRenewed, { link }, 'limits are in force', [key]));
    }
  }
  return options;
}

/** Limits links, destinations and flows, and blocks sources; spares whoever has earned it (the paper's Rate Limiter). */
export const rateLimiter = capability({
  name: 'rate-limiter',
  offers: [linkRateLimited, targetRateLimited, blocksCarriedOut],
  goals: [
    { goal: linkRateLimited, plans: [limitLink] },
    { goal: targetRateLimited, plans: [limitTarget] },
    { goal: blocksCarriedOut, plans: [standBy] },
    { goal: sourceBlockSet, plans: [block], priority: 6 },
    { goal: rulesRemoved, plans: [removeRules] },
    { goal: ruleLifted, plans: [liftRule], retry: { times: 5, backoffMs: 100 } },
    { goal: classRenewed, plans: [renewClass] },
  ],
  reviseBeliefs,
  generateOptions,
  cost: (beliefs) => {
    const rules = beliefs.all(inForce).length;
    return {
      value: Math.min(0.5, 0.05 + rules * 0.02),
      parts: [
        { name: 'limiting', value: Math.min(0.5, 0.05 + rules * 0.02), detail: `${rules} awards in force` },
      ],
    };
  },
});
