import { believe } from '../../core/bdi/belief.ts';
import type { GoalOutcome } from '../../core/bdi/goal.ts';
import { definePlan, done, fail, next, wait } from '../../core/bdi/plan.ts';
import { blocksCarriedOut, sourceBlockSet } from '../defence-goals.ts';
import { adoption, inForce, removal, textsIn } from './rules-in-force.ts';

/** Rules that came over with an adoption. */
function rulesIn(result: GoalOutcome): readonly string[] {
  return textsIn(result, 'rules');
}

/** Takes the role of blocking, and nothing to do yet. */
export const standBy = definePlan(blocksCarriedOut, 'stand-by-to-block', {
  steps: {
    adopt: ({ args, self }) =>
      args.takesOver === undefined
        ? next('ready')
        : wait(
            {
              kind: 'act',
              action: adoption(args.takesOver, args.award, self),
              reason: 'takes the role over',
            },
            'ready',
          ),
    ready: ({ args, result }) => {
      if (!result.ok) return fail(result.error);
      const { link, award = 'none' } = args;
      const value = { link, rules: rulesIn(result), goal: blocksCarriedOut.name };
      return done({ ready: true }, [
        { kind: 'revise', revision: believe(inForce, award, value, 'ready to block') },
      ]);
    },
  },
});

/** Blocks one source for a time. */
export const block = definePlan(sourceBlockSet, 'block-source', {
  unless: (beliefs, { award, initiator }) => {
    if (!beliefs.isTrue(inForce, award)) return `holds no award ${award}`;
    // Awards bear the name of who gives them: whoever else asks has been awarded nothing.
    return initiator === undefined || award.startsWith(`${initiator}.`)
      ? undefined
      : `${award} is not given by ${initiator}`;
  },
  steps: {
    set: ({ args, self }) => {
      const { link, source, ttlMs, award, reason } = args;
      const rule = `block:${link}:${source}`;
      return wait(
        {
          kind: 'act',
          action: { kind: 'block-source', rule, award, owner: self, link, source, ttlMs },
          reason,
        },
        'noted',
      );
    },
    noted: ({ result, args, beliefs }) => {
      if (!result.ok) return fail(result.error);
      const { link, source, award } = args;
      const rule = `block:${link}:${source}`;
      const held = beliefs.value(inForce, award);
      const rules = held?.rules.includes(rule) === true ? held.rules : [...(held?.rules ?? []), rule];
      const value = { link, goal: blocksCarriedOut.name, rules };
      return done({ rule }, [{ kind: 'revise', revision: believe(inForce, award, value, `${rule} is set`) }]);
    },
  },
  onAbort: ({ args }) => [removal(`block:${args.link}:${args.source}`, args.award)],
});
