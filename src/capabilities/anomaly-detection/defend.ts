import { forget } from '../../core/bdi/belief.ts';
import type { BeliefView } from '../../core/bdi/belief-base.ts';
import type { StepEffect } from '../../core/bdi/plan.ts';
import { definePlan, done, fail, next, wait } from '../../core/bdi/plan.ts';
import { sourcesBlocked, targetRateLimited } from '../defence-goals.ts';
import { classifying, sourcesClear, targetDefended, targetLimit, underAttack } from './beliefs.ts';

/** The blocks stay watched for so long after the attack has ended: it may come back. */
const AFTERMATH_MS = 6000;

/**
 * The paper's Figure 5 for one destination: limit it, have its sources found and blocked, lift the limit once they are, and
 * limit again should sources get through; let go when the attack is over.
 */
export const defend = definePlan(targetDefended, 'limit-then-block-sources', {
  steps: {
    limit: ({ args, beliefs }) => {
      if (beliefs.isTrue(targetLimit, args.target)) return next('classify');
      const { link, target, targetLimitBytesPerSec: rateBytesPerSec } = args;
      return wait(
        { kind: 'pursue', goal: targetRateLimited, args: { link, target, rateBytesPerSec } },
        'classify',
      );
    },
    classify: ({ args, beliefs, result }) => {
      const { link, target, blockTtlMs } = args;
      if (!result.ok && beliefs.isUnknown(underAttack, target)) return fail(result.error);
      if (beliefs.isTrue(classifying, target)) return next('untilClear');
      return wait({ kind: 'pursue', goal: sourcesBlocked, args: { link, target, blockTtlMs } }, 'classified');
    },
    classified: ({ result, nowMs }) =>
      result.ok ? next('limitAgain') : wait({ kind: 'time', untilMs: nowMs + 300 }, 'classify'),
    // The limit could not be had before: while the sources are being found it is still worth having.
    limitAgain: ({ args, beliefs }) => {
      const { link, target, targetLimitBytesPerSec: rateBytesPerSec } = args;
      const needed = beliefs.isTrue(underAttack, target) && !beliefs.isTrue(sourcesClear, target);
      if (!needed || beliefs.isTrue(targetLimit, target)) return next('untilClear');
      return wait(
        { kind: 'pursue', goal: targetRateLimited, args: { link, target, rateBytesPerSec } },
        'untilClear',
      );
    },
    untilClear: () => wait({ kind: 'guard' }, 'lift'),
    lift: ({ args, beliefs }) => {
      const { target } = args;
      const reason = beliefs.isTrue(sourcesClear, target)
        ? 'its malicious sources are blocked'
        : 'the attack is over';
      return next('watchOn', {}, endLimit(beliefs, target, reason));
    },
    watchOn: () => wait({ kind: 'guard' }, 'again', { timeoutMs: AFTERMATH_MS }),
    again: ({ args, beliefs, result }) => {
      const { target } = args;
      if (beliefs.isTrue(underAttack, target)) {
        return beliefs.isFalse(sourcesClear, target) ? next('limit') : next('watchOn');
      }
      // Quiet because sources are blocked is not over: their blocks end, and somebody must look again then.
      const stillBlocked = beliefs.value(sourcesClear, target)?.blocked ?? 0;
      if (!result.ok && stillBlocked === 0) return done(undefined, endBlocking(beliefs, target));
      return next('watchOn');
    },
  },
  guards: {
    lift: (beliefs, { target }) =>
      beliefs.isTrue(sourcesClear, target) || !beliefs.isTrue(underAttack, target),
    again: (beliefs, { target }) =>
      beliefs.isTrue(underAttack, target) && beliefs.isFalse(sourcesClear, target),
  },
  onAbort: ({ args, beliefs }) => [
    ...endLimit(beliefs, args.target, 'no longer wanted'),
    ...endBlocking(beliefs, args.target),
  ],
});

function endLimit(beliefs: BeliefView, target: string, reason: string): readonly StepEffect[] {
  const award = beliefs.value(targetLimit, target)?.award;
  if (award === undefined) return [];
  return [
    { kind: 'release', award, reason },
    { kind: 'revise', revision: forget(targetLimit, target, reason) },
  ];
}

function endBlocking(beliefs: BeliefView, target: string): readonly StepEffect[] {
  const award = beliefs.value(classifying, target)?.award;
  if (award === undefined) return [];
  const reason = 'the attack has been over for a while';
  return [
    { kind: 'release', award, reason },
    { kind: 'revise', revision: forget(classifying, target, reason) },
  ];
}
