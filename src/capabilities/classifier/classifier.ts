import type { Revision } from '../../core/bdi/belief.ts';
import { beliefKey, beliefType, believe, deny, forget } from '../../core/bdi/belief.ts';
import type { BeliefView } from '../../core/bdi/belief-base.ts';
import type { Option } from '../../core/bdi/capability.ts';
import { adopt, capability } from '../../core/bdi/capability.ts';
import type { Percept } from '../../core/bdi/event.ts';
import { perceived } from '../../core/bdi/event.ts';
import { goalType } from '../../core/bdi/goal.ts';
import { definePlan, done, fail, wait } from '../../core/bdi/plan.ts';
import { classifySource } from '../../core/traffic/classifier.ts';
import type { SourceHistory } from '../../core/traffic/source-features.ts';
import { emptySources, featuresOf, observeSources } from '../../core/traffic/source-features.ts';
import { agentId } from '../../protocol/ids.ts';
import { blocksCarriedOut, sourceBlockSet, sourcesBlocked } from '../defence-goals.ts';
import type { SourcesNews } from '../news.ts';
import { awardEnded, awardLost, goalWon, sourcesRead } from '../percepts.ts';

const READ_PERIOD_MS = 200;
const TELL_PERIOD_MS = 1000;
/** Unconfirmed SYN/s that may still get through when a target is called clear. */
const RESIDUE_SYN_PER_SEC = 15;

interface Task {
  readonly link: string;
  readonly award: string;
  readonly initiator: string;
  readonly blockTtlMs: number;
}

/** A destination whose sources are classified, and for whom. */
const classifies = beliefType<Task>('classifies');
const history = beliefType<SourceHistory>('sources');
/** Held for malicious on what was measured of late. */
export const malicious = beliefType<{ target: string; link: string; score: number; confidence: number }>(
  'malicious',
  { ttlMs: 1500 },
);
/** Was blocked once: what continues after its block ends needs less evidence. */
const convicted = beliefType('convicted', { ttlMs: 600_000 });
/** Blocked until this belief ends, together with the block itself. */
export const blocked = beliefType<{ untilMs: number; target: string }>('blocked');
const blocker = beliefType<{ award: string; holder: string }>('blocker');
const clear = beliefType<{ blocked: number; reason: string }>('clear', { ttlMs: 2000 });
const reported = beliefType<{ text: string }>('reportedClear', { ttlMs: TELL_PERIOD_MS });

const sourceBlocked = goalType<{
  source: string;
  target: string;
  link: string;
  ttlMs: number;
  reason: string;
}>('sourceBlocked', 'achieve', ['source']);
const clientTold = goalType<{ target: string }>('clientTold', 'perform', ['target']);
const taskEnded = goalType<{ target: string }>('taskEnded', 'perform', ['target']);

const classify = definePlan(sourcesBlocked, 'classify-sources', {
  steps: {
    hireBlocker: ({ args }) => {
      const { link, target } = args;
      const query = { kind: 'sources', link, target };
      return wait({ kind: 'pursue', goal: blocksCarriedOut, args: { link, target } }, 'ready', {
        effects: [
          {
            kind: 'act',
            action: { kind: 'watch', query, periodMs: READ_PERIOD_MS },
            reason: `${target} is attacked`,
          },
        ],
      });
    },
    ready: ({ args, result }) => {
      if (!result.ok) return fail(result.error);
      const { link, target, blockTtlMs, award = '', initiator = '' } = args;
      return done({ classifying: true }, [
        {
          kind: 'revise',
          revision: believe(classifies, target, { link, award, initiator, blockTtlMs }, `for ${initiator}`),
        },
      ]);
    },
  },
});

const askBlocker = definePlan(sourceBlocked, 'have-it-blocked', {
  unless: (beliefs, { target }) =>
    beliefs.value(blocker, target) === undefined ? 'nobody holds the award to block' : undefined,
  steps: {
    ask: ({ args, beliefs }) => {
      const { source, target, link, ttlMs, reason } = args;
      const held = beliefs.value(blocker, target);
      if (held === undefined) return fail('nobody holds the award to block');
      const content = { type: sourceBlockSet.name, args: { link, source, ttlMs, award: held.award, reason } };
      return wait({ kind: 'request', receiver: agentId(held.holder), content, withinMs: 600 }, 'answered');
    },
    answered: ({ args, result, nowMs }) => {
      if (!result.ok) return fail(result.error);
      const { source, target, ttlMs } = args;
      return done(undefined, [
        {
          kind: 'revise',
          revision: believe(blocked, source, { untilMs: nowMs + ttlMs, target }, `for ${ttlMs} ms`),
        },
        { kind: 'revise', revision: believe(convicted, source, undefined, 'was blocked') },
      ]);
    },
  },
});

const tellClient = definePlan(clientTold, 'tell-client', {
  steps: {
    tell: ({ args, beliefs }) => {
      const { target } = args;
      const task = beliefs.value(classifies, target);
      const state = beliefs.get(clear, target);
      if (task === undefined || state === undefined || task.initiator === '') return done();
      const news: SourcesNews = {
        about: 'sourcesClear',
        // The target comes from an award that was checked at the edge.
        target: target as SourcesNews['target'],
        clear: state.truth === 'true',
        blocked: state.value?.blocked ?? 0,
        reason: state.value?.reason ?? '',
      };
      return done(undefined, [
        { kind: 'tell', receiver: agentId(task.initiator), content: news },
        { kind: 'revise', revision: believe(reported, target, { text: String(news.clear) }, 'told') },
      ]);
    },
  },
});

const endTask = definePlan(taskEnded, 'end-task', {
  steps: {
    stop: ({ args, beliefs }) => {
      const { target } = args;
      const link = beliefs.value(classifies, target)?.link ?? '';
      const award = beliefs.value(blocker, target)?.award;
      const query = { kind: 'sources', link, target };
      // The blocks go with the award: who attacks on must be found and blocked anew.
      const free = beliefs.all(blocked).filter((each) => each.value?.target === target);
      return done(undefined, [
        ...free.map((each) => ({
          kind: 'revise' as const,
          revision: forget(blocked, each.subject, 'the award is over'),
        })),
        { kind: 'act', action: { kind: 'unwatch', query }, reason: 'the award is over' },
        { kind: 'revise', revision: forget(classifies, target, 'the award is over') },
        { kind: 'revise', revision: forget(history, target, 'the award is over') },
        { kind: 'revise', revision: forget(blocker, target, 'the award is over') },
        ...(award === undefined ? [] : [{ kind: 'release' as const, award, reason: 'the award is over' }]),
      ]);
    },
  },
});

function reviseBeliefs(event: Percept, beliefs: BeliefView, nowMs: number): readonly Revision[] {
  const reading = perceived(sourcesRead, event);
  if (reading !== undefined) return onReading(event.subject, reading.entries, beliefs, nowMs);
  const won = perceived(goalWon, event);
  if (won !== undefined) {
    const target = /^blocksCarriedOut\(([^,]+),/.exec(event.subject)?.[1];
    const { award, holder } = won;
    return target === undefined ? [] : [believe(blocker, target, { award, holder }, `${holder} blocks`)];
  }
  const lost = perceived(awardLost, event);
  if (lost !== undefined) {
    const target = /^blocksCarriedOut\(([^,]+),/.exec(event.subject)?.[1];
    return target === undefined ? [] : [forget(blocker, target, lost.reason)];
  }
  const ended = perceived(awardEnded, event);
  if (ended === undefined || ended.goal.type !== sourcesBlocked.name) return [];
  const target = String(ended.goal.args['target']);
  const task = beliefs.value(classifies, target);
  return task?.award === event.subject ? [deny(classifies, target, ended.reason, task)] : [];
}

function onReading(
  target: string,
  entries: Parameters<typeof observeSources>[1],
  beliefs: BeliefView,
  nowMs: number,
): readonly Revision[] {
  const task = beliefs.value(classifies, target);
  if (task === undefined) return [];
  const revisions: Revision[] = [];
  const stillBlocked = new Set<string>();
  for (const each of beliefs.all(blocked)) {
    if ((each.value?.untilMs ?? 0) > nowMs) stillBlocked.add(each.subject);
    else revisions.push(forget(blocked, each.subject, 'the block has ended'));
  }
  // The server sees nothing of a blocked source: what is measured of it meanwhile would not be evidence.
  const open = entries.filter((each) => !stillBlocked.has(each.source));
  const state = observeSources(beliefs.value(history, target) ?? emptySources, open, nowMs);
  revisions.push(believe(history, target, state, 'read'));
  let through = 0;
  let residue = 0;
  for (const sample of featuresOf(state)) {
    const { source, features } = sample;
    const judged = classifySource(sample, { priorConviction: beliefs.isTrue(convicted, source) });
    if (judged.verdict === 'malicious') {
      through++;
      const { score, confidence } = judged;
      revisions.push(
        believe(malicious, source, { target, link: task.link, score, confidence }, judged.reason),
      );
    } else {
      if (judged.verdict === 'benign') revisions.push(deny(malicious, source, judged.reason));
      else if (features.confirmedShare < 0.5) residue += features.synPerSec;
    }
  }
  const count = stillBlocked.size;
  const reason = `${through} malicious sources get through, ${count} are blocked, ${Math.round(residue)} SYN/s undecided`;
  const isClear = through === 0 && residue < RESIDUE_SYN_PER_SEC && count > 0;
  revisions.push(
    isClear
      ? believe(clear, target, { blocked: count, reason }, reason)
      : deny(clear, target, reason, { blocked: count, reason }),
  );
  return revisions;
}

function generateOptions(beliefs: BeliefView, _goals: unknown, nowMs: number): readonly Option[] {
  const options: Option[] = [];
  for (const { subject: source, truth, value, key } of beliefs.all(malicious)) {
    if (truth !== 'true' || value === undefined) continue;
    const task = beliefs.value(classifies, value.target);
    if (task === undefined || (beliefs.value(blocked, source)?.untilMs ?? 0) > nowMs) continue;
    const reason = reasonOf(beliefs, source, value);
    const { target, link } = value;
    const args = { source, target, link, ttlMs: task.blockTtlMs, reason };
    const from = [key, beliefKey('classifies', target), beliefKey('blocker', target)];
    options.push(adopt(sourceBlocked, args, 'held for malicious', from, 6));
  }
  for (const { subject: target, truth, key, value } of beliefs.all(classifies)) {
    if (truth === 'false') {
      options.push(adopt(taskEnded, { target }, 'the award is over', [key]));
      continue;
    }
    const { link } = value ?? { link: '' };
    if (beliefs.isUnknown(blocker, target)) {
      options.push(adopt(blocksCarriedOut, { link, target }, 'nobody carries the blocks out', [key], 6));
    }
    const state = beliefs.get(clear, target);
    if (state !== undefined && beliefs.value(reported, target)?.text !== String(state.truth === 'true')) {
      options.push(adopt(clientTold, { target }, 'the client relies on it', [state.key], 6));
    }
  }
  return options;
}

function reasonOf(
  beliefs: BeliefView,
  source: string,
  value: { target: string; score: number; confidence: number },
): string {
  const state = beliefs.value(history, value.target);
  const sample = state === undefined ? undefined : featuresOf(state).find((each) => each.source === source);
  if (sample === undefined) return `score ${value.score.toFixed(2)}`;
  return classifySource(sample, { priorConviction: beliefs.isTrue(convicted, source) }).reason;
}

/** Finds the sources that attack a destination and has them blocked (the paper's Classifier). */
export const classifier = capability({
  name: 'classifier',
  offers: [sourcesBlocked],
  goals: [
    { goal: sourcesBlocked, plans: [classify] },
    { goal: sourceBlocked, plans: [askBlocker], retry: { times: 3, backoffMs: 150 } },
    { goal: clientTold, plans: [tellClient] },
    { goal: taskEnded, plans: [endTask] },
    { goal: blocksCarriedOut, auction: { bidWithinMs: 150, completeWithinMs: 400, leaseMs: 900 } },
  ],
  reviseBeliefs,
  generateOptions,
  cost: (beliefs) => {
    const tasks = beliefs.all(classifies).length;
    const value = Math.min(0.5, 0.05 + tasks * 0.1);
    return { value, parts: [{ name: 'classifying', value, detail: `${tasks} targets classified` }] };
  },
});
