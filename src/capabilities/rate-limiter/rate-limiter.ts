import type { Revision } from '../../core/bdi/belief.ts';
import { beliefType, believe, forget } from '../../core/bdi/belief.ts';
import type { BeliefView } from '../../core/bdi/belief-base.ts';
import type { Option } from '../../core/bdi/capability.ts';
import { adopt, capability } from '../../core/bdi/capability.ts';
import type { Percept } from '../../core/bdi/event.ts';
import { perceived } from '../../core/bdi/event.ts';
import type { GoalOutcome, GoalType } from '../../core/bdi/goal.ts';
import { goalType } from '../../core/bdi/goal.ts';
import type { Action, Plan, StepEffect } from '../../core/bdi/plan.ts';
import { definePlan, done, fail, next, wait } from '../../core/bdi/plan.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import { blocksCarriedOut, linkRateLimited, sourceBlockSet, targetRateLimited } from '../defence-goals.ts';
import { awardEnded, confirmedRead } from '../percepts.ts';

/** Confirmed sources keep their class for so long after they were last seen confirmed. */
const CONFIRMED_TTL_MS = 10_000;
const CONFIRMED_PERIOD_MS = 500;

/** A limit or the blocks of an award that this agent has in force. */
export const inForce = beliefType<{ link: string; rules: readonly string[]; goal: string }>('inForce');
const over = beliefType<{ reason: string }>('awardOver');
const earned = beliefType<{ sources: readonly string[] }>('confirmedSources');
const renewed = beliefType<{ atMs: number }>('confirmedRenewed', { ttlMs: CONFIRMED_PERIOD_MS });

const rulesRemoved = goalType<{ award: string; reason: string }>('rulesRemoved', 'achieve', ['award']);
const classRenewed = goalType<{ link: string }>('confirmedClassRenewed', 'perform', ['link']);

type LimitArgs = {
  link: string;
  rateBytesPerSec: number;
  target?: string;
  award?: string;
  takesOver?: string;
};

/** Sources that have earned a class of their own go into it first, then the rest is limited. */
function limitPlan<A extends LimitArgs>(
  goal: GoalType<A>,
  name: string,
  command: (args: A, self: AgentId, award: string) => Action,
): Plan<A> {
  return definePlan(goal, name, {
    steps: {
      adopt: ({ args, self }) =>
        args.takesOver === undefined
          ? next('spare')
          : wait(
              {
                kind: 'act',
                action: adoption(args.takesOver, args.award, self),
                reason: 'takes the role over',
              },
              'spare',
            ),
      spare: ({ args, result }) => {
        if (!result.ok) return fail(result.error);
        return wait(
          {
            kind: 'act',
            action: { kind: 'measure', query: { kind: 'confirmed', link: args.link } },
            reason: 'whom not to limit',
          },
          'limit',
          { timeoutMs: 150 },
        );
      },
      limit: ({ args, self, result }) => {
        const sources = confirmedIn(result);
        const reason = `won ${goal.name}; ${sources.length} confirmed sources keep a class of their own`;
        const spare: readonly StepEffect[] = sources.length === 0 ? [] : [confirm(args.link, sources)];
        return wait({ kind: 'act', action: command(args, self, args.award ?? 'none'), reason }, 'inForce', {
          effects: spare,
        });
      },
      inForce: ({ args, result, beliefs }) => {
        if (!result.ok) return fail(result.error);
        const rule = ruleOf(args.link, args.target);
        const award = args.award ?? 'none';
        const { link } = args;
        const revision = believe(inForce, award, { link, rules: [rule], goal: goal.name }, `${rule} is set`);
        return done({ rule }, [{ kind: 'revise', revision }, ...beginWatch(link, beliefs)]);
      },
    },
    // Stopped while the data plane was at it: the rule may come into force all the same, with nobody to answer for it.
    onAbort: ({ args }) => [removal(ruleOf(args.link, args.target), args.award)],
  });
}

/** Of a rule that serves this award still: another holder may have set it anew. */
function removal(rule: string, award = 'none'): StepEffect {
  return { kind: 'act', action: { kind: 'remove-rule', rule, award }, reason: 'its award was not kept' };
}

function beginWatch(link: string, beliefs: BeliefView): readonly StepEffect[] {
  if (beliefs.all(inForce).some((each) => each.value?.link === link)) return [];
  const query = { kind: 'confirmed', link };
  return [
    {
      kind: 'act',
      action: { kind: 'watch', query, periodMs: CONFIRMED_PERIOD_MS },
      reason: 'whom not to limit',
    },
  ];
}

function ruleOf(link: string, target?: string): string {
  return target === undefined ? `limit:${link}` : `limit:${link}:${target}`;
}

function adoption(fromAward: string, toAward: string | undefined, owner: AgentId): Action {
  return { kind: 'adopt-rules', fromAward, toAward: toAward ?? fromAward, owner };
}

function confirm(link: string, sources: readonly string[]): StepEffect {
  return {
    kind: 'act',
    action: { kind: 'confirm-sources', link, sources, ttlMs: CONFIRMED_TTL_MS },
    reason: `${sources.length} sources have completed handshakes`,
  };
}

/** Sources in a reading of the confirmed; none when it could not be had in time. */
function confirmedIn(result: GoalOutcome): readonly string[] {
  return textsIn(result, 'sources');
}

/** Rules that came over with an adoption. */
function rulesIn(result: GoalOutcome): readonly string[] {
  return textsIn(result, 'rules');
}

function textsIn(result: GoalOutcome, field: string): readonly string[] {
  if (!result.ok || typeof result.value !== 'object' || result.value === null) return [];
  const list: Json | undefined =
    field in result.value ? Object.entries(result.value).find(([name]) => name === field)?.[1] : undefined;
  return Array.isArray(list) ? list.filter((each): each is string => typeof each === 'string') : [];
}

const limitLink = limitPlan(linkRateLimited, 'limit-link', (args, owner, award) => ({
  kind: 'limit-link',
  rule: ruleOf(args.link),
  award,
  owner,
  link: args.link,
  rateBytesPerSec: args.rateBytesPerSec,
}));

const limitTarget = limitPlan(targetRateLimited, 'limit-target', (args, owner, award) => ({
  kind: 'limit-target',
  rule: ruleOf(args.link, args.target),
  award,
  owner,
  link: args.link,
  target: args.target,
  rateBytesPerSec: args.rateBytesPerSec,
}));

const standBy = definePlan(blocksCarriedOut, 'stand-by-to-block', {
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

const block = definePlan(sourceBlockSet, 'block-source', {
  unless: (beliefs, { award }) => (beliefs.isTrue(inForce, award) ? undefined : `holds no award ${award}`),
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

const removeRules = definePlan(rulesRemoved, 'remove-rules', {
  steps: {
    begin: ({ args, beliefs }) => {
      const { award, reason } = args;
      const value = beliefs.value(inForce, award);
      const settled: StepEffect[] = [
        { kind: 'revise', revision: forget(inForce, award, reason) },
        { kind: 'revise', revision: forget(over, award, 'settled') },
      ];
      if (value === undefined) return done(undefined, settled);
      const used = beliefs
        .all(inForce)
        .some((each) => each.subject !== award && each.value?.link === value.link);
      if (!used) {
        const query = { kind: 'confirmed', link: value.link };
        settled.push({ kind: 'act', action: { kind: 'unwatch', query }, reason });
      }
      return next('remove', { rules: value.rules }, settled);
    },
    remove: ({ args, locals, result }) => {
      if (!result.ok) return fail(result.error);
      const [rule, ...rules] = Array.isArray(locals['rules']) ? locals['rules'] : [];
      if (typeof rule !== 'string') return done();
      const { reason } = args;
      return wait(
        { kind: 'act', action: { kind: 'remove-rule', rule, award: args.award }, reason },
        'remove',
        {
          locals: { rules },
        },
      );
    },
  },
});

const renewClass = definePlan(classRenewed, 'renew-confirmed-class', {
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

function reviseBeliefs(event: Percept, beliefs: BeliefView): readonly Revision[] {
  const reading = perceived(confirmedRead, event);
  if (reading !== undefined) {
    return [
      believe(earned, event.subject, { sources: reading.sources }, `${reading.sources.length} confirmed`),
    ];
  }
  const ended = perceived(awardEnded, event);
  if (ended !== undefined && beliefs.isTrue(inForce, event.subject)) {
    return [believe(over, event.subject, { reason: ended.reason }, ended.reason)];
  }
  return [];
}

function generateOptions(beliefs: BeliefView): readonly Option[] {
  const options: Option[] = [];
  for (const { subject: award, value, key } of beliefs.all(over)) {
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
    { goal: rulesRemoved, plans: [removeRules], retry: { times: 5, backoffMs: 100 } },
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
