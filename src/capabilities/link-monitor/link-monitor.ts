import type { Revision } from '../../core/bdi/belief.ts';
import { beliefKey, beliefType, believe, deny, forget } from '../../core/bdi/belief.ts';
import type { BeliefView } from '../../core/bdi/belief-base.ts';
import type { Option } from '../../core/bdi/capability.ts';
import { adopt, capability } from '../../core/bdi/capability.ts';
import type { Percept } from '../../core/bdi/event.ts';
import { perceived } from '../../core/bdi/event.ts';
import { goalType } from '../../core/bdi/goal.ts';
import { definePlan, done, fail, wait } from '../../core/bdi/plan.ts';
import type { RateState } from '../../core/traffic/link-rate.ts';
import { emptyRate, observeRate, overThreshold } from '../../core/traffic/link-rate.ts';
import { anomalousUsage, linkRateLimited } from '../defence-goals.ts';
import { AnomalyNewsSchema } from '../news.ts';
import type { Assignment } from '../percepts.ts';
import { assigned, awardLost, goalWon, linkLoad, told, unassigned } from '../percepts.ts';

/** A limit set while nobody has judged yet is taken back after this: a legitimate peak is not punished for long. */
const JUDGED_WITHIN_MS = 1500;
/** The anomaly detector is let go when the link has been quiet for so long. */
const QUIET_MS = 8000;

export const monitors = beliefType<Assignment>('monitors');
export const linkRate = beliefType<{ state: RateState; rateBytesPerSec: number }>('linkRate');
export const overUsage = beliefType<{ rateBytesPerSec: number }>('overUsage');
/** True: an attack; false: a legitimate peak; unknown: nobody has said. Falls back to unknown when not kept up to date. */
export const anomalous = beliefType<{ targets: readonly string[] }>('anomalousUsage', { ttlMs: 5000 });
/** What is more specific than a limit on the link is in force: limits on the targets, or blocks. */
export const attackPrevented = beliefType('attackPrevented', { ttlMs: 5000 });
/** Limiting was tried and nobody judged: not again until somebody has. */
const unjudged = beliefType('unjudged', { ttlMs: 6000 });
const detector = beliefType<{ award: string }>('detector');
/** The award under which the link is limited now: it changes when the role moves to another agent. */
const limiter = beliefType<{ award: string }>('limiter');

/** A link that is no longer watched, and has to be let go. */
const left = beliefType<{ reason: string }>('left');

const linkLeft = goalType<{ link: string; reason: string }>('linkLeft', 'perform', ['link']);
const linkWatched = goalType<{ link: string }>('linkWatched', 'perform', ['link']);
const attackHeldOff = goalType<{ link: string }>('attackPrevented', 'achieve', ['link']);
const detectorReleased = goalType<{ link: string; award: string }>('detectorReleased', 'perform', ['award']);

const watchLink = definePlan(linkWatched, 'watch-link', {
  steps: {
    begin: ({ args }) =>
      done(undefined, [
        {
          kind: 'act',
          action: { kind: 'watch', query: { kind: 'link-load', link: args.link }, periodMs: 100 },
          reason: 'plays link monitor',
        },
      ]),
  },
});

/** Its own limit goes by itself: the link counts as quiet from now on. */
const leaveLink = definePlan(linkLeft, 'leave-link', {
  steps: {
    end: ({ args, beliefs }) => {
      const { link, reason } = args;
      const held = beliefs.value(detector, link);
      return done(undefined, [
        { kind: 'act', action: { kind: 'unwatch', query: { kind: 'link-load', link } }, reason },
        ...(held === undefined ? [] : [{ kind: 'release' as const, award: held.award, reason }]),
        { kind: 'revise', revision: forget(detector, link, reason) },
        { kind: 'revise', revision: forget(left, link, reason) },
      ]);
    },
  },
});

/** The paper's throttling strategy: limit the link at once, and take it back as soon as something better is known. */
const throttle = definePlan(attackHeldOff, 'throttle-link', {
  unless: (beliefs, { link }) =>
    beliefs.isTrue(unjudged, link) ? 'was limited in vain while nobody judged' : undefined,
  steps: {
    limit: ({ args, beliefs }) => {
      const config = beliefs.value(monitors, args.link);
      if (config === undefined) return fail('the link is not watched any more');
      const { linkLimitBytesPerSec: rateBytesPerSec } = config;
      return wait(
        { kind: 'pursue', goal: linkRateLimited, args: { link: args.link, rateBytesPerSec } },
        'hold',
      );
    },
    hold: ({ result }) => {
      if (!result.ok) return fail(result.error);
      return wait({ kind: 'guard' }, 'lift', {
        locals: { award: awardIn(result.value) },
        timeoutMs: JUDGED_WITHIN_MS,
      });
    },
    lift: ({ args, beliefs, locals, result }) => {
      const { link } = args;
      const award = beliefs.value(limiter, link)?.award ?? String(locals['award']);
      if (!result.ok && beliefs.isTrue(anomalous, link)) {
        // It is an attack and the target's limit is not there yet: the link's limit stays.
        return wait({ kind: 'guard' }, 'lift', { locals, timeoutMs: 5000 });
      }
      const reason = beliefs.isTrue(attackPrevented, link)
        ? 'the limit on the target holds'
        : beliefs.isFalse(anomalous, link)
          ? 'a legitimate peak'
          : beliefs.isFalse(overUsage, link)
            ? 'the link is no longer overused'
            : 'nobody has judged it in time';
      const late = !result.ok;
      return done(undefined, [
        { kind: 'release', award, reason },
        { kind: 'revise', revision: forget(limiter, link, reason) },
        ...(late ? [{ kind: 'revise' as const, revision: believe(unjudged, link, undefined, reason) }] : []),
      ]);
    },
  },
  guards: {
    lift: (beliefs, { link }) =>
      beliefs.isTrue(attackPrevented, link) ||
      beliefs.isFalse(anomalous, link) ||
      (beliefs.isFalse(overUsage, link) && !beliefs.isTrue(anomalous, link)),
  },
  onAbort: ({ locals }) =>
    typeof locals['award'] === 'string'
      ? [{ kind: 'release', award: locals['award'], reason: 'no longer wanted' }]
      : [],
});

const letDetectorGo = definePlan(detectorReleased, 'let-detector-go', {
  steps: {
    release: ({ args }) =>
      done(undefined, [
        { kind: 'release', award: args.award, reason: 'the link has been quiet' },
        { kind: 'revise', revision: forget(detector, args.link, 'released') },
      ]),
  },
});

function awardIn(value: unknown): string {
  return typeof value === 'object' && value !== null && 'award' in value ? String(value.award) : '';
}

function reviseBeliefs(event: Percept, beliefs: BeliefView, nowMs: number): readonly Revision[] {
  const assignment = perceived(assigned, event);
  if (assignment !== undefined)
    return [believe(monitors, event.subject, assignment, 'assigned by the operator')];
  const gone = perceived(unassigned, event);
  if (gone !== undefined) return onGone(event.subject, gone.reason, beliefs);
  const load = perceived(linkLoad, event);
  if (load !== undefined) return onLoad(event.subject, load.offeredBytes, beliefs, nowMs);
  const won = perceived(goalWon, event);
  if (won !== undefined && event.subject.startsWith('anomalousUsage(')) {
    const link = event.subject.slice('anomalousUsage('.length, -1);
    return [
      believe(detector, link, { award: won.award }, `${won.holder} watches`),
      ...onNews(won.result, won.holder),
    ];
  }
  if (won !== undefined && event.subject.startsWith('linkRateLimited(')) {
    const link = event.subject.slice('linkRateLimited('.length, -1);
    return [believe(limiter, link, { award: won.award }, `${won.holder} limits`)];
  }
  const lost = perceived(awardLost, event);
  if (lost !== undefined && event.subject.startsWith('anomalousUsage(')) {
    return [forget(detector, event.subject.slice('anomalousUsage('.length, -1), lost.reason)];
  }
  const news = perceived(told, event);
  return news === undefined ? [] : onNews(news, event.subject);
}

function onGone(link: string, reason: string, beliefs: BeliefView): readonly Revision[] {
  if (beliefs.value(monitors, link) === undefined) return [];
  return [
    forget(monitors, link, reason),
    forget(linkRate, link, reason),
    deny(overUsage, link, reason),
    believe(left, link, { reason }, reason),
  ];
}

/** Table I, mended: over-usage does not wipe an answer that is known. */
function onLoad(link: string, offeredBytes: number, beliefs: BeliefView, nowMs: number): readonly Revision[] {
  const config = beliefs.value(monitors, link);
  if (config === undefined) return [];
  const before = beliefs.value(linkRate, link)?.state ?? emptyRate;
  const { state, rateBytesPerSec } = observeRate(before, offeredBytes, nowMs);
  const wasOver = beliefs.isTrue(overUsage, link);
  const over = overThreshold(rateBytesPerSec, config.thresholdBytesPerSec, wasOver);
  const rate = Math.round(rateBytesPerSec / 1000);
  const threshold = Math.round(config.thresholdBytesPerSec / 1000);
  return [
    believe(linkRate, link, { state, rateBytesPerSec }, `${rate} kB/s`),
    over
      ? believe(overUsage, link, { rateBytesPerSec }, `${rate} kB/s over the threshold of ${threshold}`)
      : deny(overUsage, link, `${rate} kB/s under the threshold of ${threshold}`),
  ];
}

/** What the anomaly detector says, checked for its shape: it comes from another agent. */
function onNews(content: unknown, from: string): readonly Revision[] {
  const parsed = AnomalyNewsSchema.safeParse(content);
  if (!parsed.success) return [];
  const { link, truth, targets, prevented, reason } = parsed.data;
  const revisions: Revision[] = [];
  if (truth === 'true') revisions.push(believe(anomalous, link, { targets }, `${from}: ${reason}`));
  else if (truth === 'false') revisions.push(deny(anomalous, link, `${from}: ${reason}`));
  if (prevented) revisions.push(believe(attackPrevented, link, undefined, `${from}: ${reason}`));
  else if (prevented === false) revisions.push(forget(attackPrevented, link, `${from}: ${reason}`));
  return revisions;
}

/** Table I's goal generation. */
function generateOptions(beliefs: BeliefView, _goals: unknown, nowMs: number): readonly Option[] {
  const options: Option[] = [];
  for (const { subject: link, value } of beliefs.all(left)) {
    if (value !== undefined) options.push(adopt(linkLeft, { link, reason: value.reason }, value.reason));
  }
  for (const { subject: link, value: config } of beliefs.all(monitors)) {
    if (config === undefined) continue;
    if (beliefs.get(linkRate, link) === undefined)
      options.push(adopt(linkWatched, { link }, 'to be watched'));
    const over = beliefs.get(overUsage, link);
    const from = [beliefKey('overUsage', link), beliefKey('anomalousUsage', link)];
    const held = beliefs.value(detector, link);
    if (over?.truth === 'true') {
      const { targetLimitBytesPerSec, blockTtlMs } = config;
      if (beliefs.isUnknown(anomalous, link) && held === undefined) {
        const args = { link, targetLimitBytesPerSec, blockTtlMs };
        options.push(adopt(anomalousUsage, args, 'overused, and nobody knows why', from, 5));
      }
      if (!beliefs.isTrue(attackPrevented, link) && !beliefs.isFalse(anomalous, link)) {
        options.push(adopt(attackHeldOff, { link }, 'overused, and maybe an attack', from, 6));
      }
    } else if (over !== undefined && held !== undefined && !beliefs.isTrue(anomalous, link)) {
      if (nowMs - over.sinceMs > QUIET_MS) {
        options.push(adopt(detectorReleased, { link, award: held.award }, 'the link has been quiet', from));
      }
    }
  }
  return options;
}

/** Detects that a link is overused (the paper's Link Monitor, Table I). */
export const linkMonitor = capability({
  name: 'link-monitor',
  offers: [],
  goals: [
    { goal: linkWatched, plans: [watchLink] },
    { goal: attackHeldOff, plans: [throttle], retry: { times: 1, backoffMs: 300 }, priority: 6 },
    { goal: detectorReleased, plans: [letDetectorGo] },
    { goal: linkLeft, plans: [leaveLink] },
    {
      goal: linkRateLimited,
      auction: { bidWithinMs: 150, completeWithinMs: 900, leaseMs: 900 },
    },
    {
      goal: anomalousUsage,
      auction: { bidWithinMs: 150, completeWithinMs: 3000, leaseMs: 1500 },
    },
  ],
  reviseBeliefs,
  generateOptions,
});
