import type { Revision } from '../../core/bdi/belief.ts';
import { beliefKey, beliefType, believe, deny, forget } from '../../core/bdi/belief.ts';
import type { BeliefView } from '../../core/bdi/belief-base.ts';
import type { Option } from '../../core/bdi/capability.ts';
import { adopt, capability } from '../../core/bdi/capability.ts';
import type { Percept } from '../../core/bdi/event.ts';
import { perceived } from '../../core/bdi/event.ts';
import { goalType } from '../../core/bdi/goal.ts';
import { definePlan, done, wait } from '../../core/bdi/plan.ts';
import { emptyDestinations, judgeDestinations, observeDestinations } from '../../core/traffic/anomaly.ts';
import { agentId } from '../../protocol/ids.ts';
import { anomalousUsage, sourcesBlocked, targetRateLimited } from '../defence-goals.ts';
import type { AnomalyNews } from '../news.ts';
import { SourcesNewsSchema } from '../news.ts';
import { awardEnded, awardLost, destinationsRead, goalWon, told } from '../percepts.ts';
import {
  classifying,
  destinations,
  linkJudged,
  sourcesClear,
  targetDefended,
  targetLimit,
  underAttack,
  watching,
} from './beliefs.ts';
import { defend } from './defend.ts';

const READ_PERIOD_MS = 200;
/** The monitor is told at least this often, before what it was told last runs out. */
const TELL_PERIOD_MS = 1000;

const reported = beliefType<{ text: string }>('reported', { ttlMs: TELL_PERIOD_MS });

const monitorTold = goalType<{ link: string }>('monitorTold', 'perform', ['link']);
const watchEnded = goalType<{ link: string }>('watchEnded', 'perform', ['link']);

const watch = definePlan(anomalousUsage, 'watch-destinations', {
  steps: {
    begin: ({ args, beliefs }) => {
      const { link, award = '', initiator = '', targetLimitBytesPerSec, blockTtlMs } = args;
      const query = { kind: 'destinations', link };
      return wait({ kind: 'guard' }, 'answer', {
        timeoutMs: 2000,
        effects: [
          {
            kind: 'revise',
            revision: believe(
              watching,
              link,
              { award, initiator, targetLimitBytesPerSec, blockTtlMs },
              `for ${initiator}`,
            ),
          },
          ...(beliefs.isTrue(watching, link)
            ? []
            : [
                {
                  kind: 'act' as const,
                  action: { kind: 'watch', query, periodMs: READ_PERIOD_MS },
                  reason: `asked by ${initiator} whether ${link} is attacked`,
                },
              ]),
        ],
      });
    },
    answer: ({ args, beliefs }) => done(newsOf(beliefs, args.link)),
  },
  guards: { answer: (beliefs, { link }) => !beliefs.isUnknown(linkJudged, link) },
});

/** What is known about the link, as it is told to whoever asked. */
function newsOf(beliefs: BeliefView, link: string): AnomalyNews {
  const judged = beliefs.get(linkJudged, link);
  const limits = beliefs.all(targetLimit).filter((each) => each.value?.link === link);
  const cleared = beliefs.all(sourcesClear).filter((each) => each.truth === 'true');
  const prevented = judged?.truth === 'true' && (limits.length > 0 || cleared.length > 0);
  return {
    about: 'anomalousUsage',
    // Links and addresses come from this agent's own readings and awards, which were checked at the edge.
    link: link as AnomalyNews['link'],
    truth: judged?.truth ?? 'unknown',
    targets: [...(judged?.value?.targets ?? [])] as AnomalyNews['targets'],
    prevented,
    reason: (judged?.value?.reason ?? 'not yet judged').slice(0, 900),
  };
}

const tellMonitor = definePlan(monitorTold, 'tell-monitor', {
  steps: {
    tell: ({ args, beliefs }) => {
      const held = beliefs.value(watching, args.link);
      if (held === undefined || held.initiator === '') return done();
      const news = newsOf(beliefs, args.link);
      const text = `${news.truth}/${news.prevented}`;
      return done(undefined, [
        { kind: 'tell', receiver: agentId(held.initiator), content: news },
        { kind: 'revise', revision: believe(reported, args.link, { text }, 'told') },
      ]);
    },
  },
});

const endWatch = definePlan(watchEnded, 'end-watch', {
  steps: {
    stop: ({ args }) =>
      done(undefined, [
        {
          kind: 'act',
          action: { kind: 'unwatch', query: { kind: 'destinations', link: args.link } },
          reason: 'the award is over',
        },
        { kind: 'revise', revision: forget(watching, args.link, 'the award is over') },
        { kind: 'revise', revision: forget(destinations, args.link, 'the award is over') },
      ]),
  },
});

function reviseBeliefs(event: Percept, beliefs: BeliefView, nowMs: number): readonly Revision[] {
  const reading = perceived(destinationsRead, event);
  if (reading !== undefined) return onReading(event.subject, reading.entries, beliefs, nowMs);
  const won = perceived(goalWon, event);
  if (won !== undefined) return onWon(event.subject, won.award);
  const lost = perceived(awardLost, event);
  if (lost !== undefined) return onLost(event.subject, lost.reason);
  const ended = perceived(awardEnded, event);
  if (ended !== undefined && ended.goal.type === anomalousUsage.name) {
    const link = String(ended.goal.args['link']);
    const held = beliefs.value(watching, link);
    // The award may be held anew by now, under another conversation.
    return held?.award === event.subject ? [deny(watching, link, ended.reason, held)] : [];
  }
  const news = SourcesNewsSchema.safeParse(perceived(told, event));
  if (!news.success) return [];
  const { target, clear, blocked, reason } = news.data;
  return [
    clear
      ? believe(sourcesClear, target, { blocked }, reason)
      : deny(sourcesClear, target, reason, { blocked }),
  ];
}

const DEFENCE = /^(targetRateLimited|sourcesBlocked)\(([^,]+),(.+)\)$/;

function onLost(goal: string, reason: string): readonly Revision[] {
  const match = DEFENCE.exec(goal);
  const target = match?.[2];
  if (target === undefined) return [];
  return [forget(match?.[1] === targetRateLimited.name ? targetLimit : classifying, target, reason)];
}

function onWon(goal: string, award: string): readonly Revision[] {
  const match = DEFENCE.exec(goal);
  const target = match?.[2];
  const link = match?.[3];
  if (target === undefined || link === undefined) return [];
  const type = match?.[1] === targetRateLimited.name ? targetLimit : classifying;
  return [believe(type, target, { award, link }, `${goal} is held under ${award}`)];
}

function onReading(
  link: string,
  entries: Parameters<typeof observeDestinations>[1],
  beliefs: BeliefView,
  nowMs: number,
): readonly Revision[] {
  if (!beliefs.isTrue(watching, link)) return [];
  const history = observeDestinations(beliefs.value(destinations, link) ?? emptyDestinations, entries, nowMs);
  const judgements = judgeDestinations(history);
  const revisions: Revision[] = [believe(destinations, link, history, 'read')];
  const attacked = judgements.filter((each) => each.verdict === 'attack');
  for (const judgement of judgements) {
    const { target, reason } = judgement;
    if (judgement.verdict === 'attack')
      revisions.push(believe(underAttack, target, { link, judgement }, reason));
    else if (judgement.verdict === 'no-attack')
      revisions.push(deny(underAttack, target, reason, { link, judgement }));
  }
  const targets = attacked.map((each) => each.target);
  if (targets.length > 0) {
    const reason = attacked.map((each) => each.reason).join('; ');
    revisions.push(believe(linkJudged, link, { targets, reason }, reason));
  } else if (judgements.length > 0 && judgements.every((each) => each.verdict === 'no-attack')) {
    const reason = judgements.map((each) => each.reason).join('; ');
    revisions.push(deny(linkJudged, link, reason, { targets: [], reason }));
  }
  return revisions;
}

function generateOptions(beliefs: BeliefView): readonly Option[] {
  const options: Option[] = [];
  for (const held of beliefs.all(watching)) {
    const link = held.subject;
    if (held.truth === 'false') {
      options.push(adopt(watchEnded, { link }, 'the award is over', [held.key]));
      continue;
    }
    const news = newsOf(beliefs, link);
    if (
      news.truth !== 'unknown' &&
      beliefs.value(reported, link)?.text !== `${news.truth}/${news.prevented}`
    ) {
      options.push(
        adopt(monitorTold, { link }, 'the monitor relies on it', [beliefKey('linkJudged', link)], 6),
      );
    }
  }
  for (const attack of beliefs.all(underAttack)) {
    const link = attack.value?.link;
    const held = link === undefined ? undefined : beliefs.value(watching, link);
    if (attack.truth !== 'true' || link === undefined || held === undefined) continue;
    const { targetLimitBytesPerSec, blockTtlMs } = held;
    const args = { target: attack.subject, link, targetLimitBytesPerSec, blockTtlMs };
    options.push(adopt(targetDefended, args, 'it is attacked', [attack.key, beliefKey('watching', link)], 7));
  }
  return options;
}

/** Finds out which destination is attacked, and has it defended (the paper's Anomaly Detection). */
export const anomalyDetection = capability({
  name: 'anomaly-detection',
  offers: [anomalousUsage],
  goals: [
    { goal: anomalousUsage, plans: [watch] },
    { goal: targetDefended, plans: [defend] },
    { goal: monitorTold, plans: [tellMonitor] },
    { goal: watchEnded, plans: [endWatch] },
    { goal: targetRateLimited, auction: { bidWithinMs: 150, completeWithinMs: 900, leaseMs: 900 } },
    { goal: sourcesBlocked, auction: { bidWithinMs: 150, completeWithinMs: 1500, leaseMs: 900 } },
  ],
  reviseBeliefs,
  generateOptions,
  cost: (beliefs) => {
    const value = Math.min(0.5, 0.05 + beliefs.all(watching).length * 0.05);
    return {
      value,
      parts: [{ name: 'watching', value, detail: `${beliefs.all(watching).length} links watched` }],
    };
  },
});
