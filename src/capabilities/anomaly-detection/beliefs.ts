import { beliefType } from '../../core/bdi/belief.ts';
import { goalType } from '../../core/bdi/goal.ts';
import type { DestinationHistory, Judgement } from '../../core/traffic/anomaly.ts';

export interface Watch {
  readonly award: string;
  readonly initiator: string;
  readonly targetLimitBytesPerSec: number;
  readonly blockTtlMs: number;
}

/** Destinations behind this link are watched, for this agent. */
export const watching = beliefType<Watch>('watching');
export const destinations = beliefType<DestinationHistory>('destinations');
/** Judged: true when some destination is attacked, false when none is. */
export const linkJudged = beliefType<{ targets: readonly string[]; reason: string }>('linkJudged', {
  ttlMs: 3000,
});
export const underAttack = beliefType<{ link: string; judgement: Judgement }>('underAttack', { ttlMs: 3000 });
/** The destination's own limit is in force under this award. */
export const targetLimit = beliefType<{ award: string; link: string }>('targetLimit');
/** Somebody finds and blocks its sources under this award. */
export const classifying = beliefType<{ award: string; link: string }>('classifying');
/** No source held for malicious gets through any more. */
export const sourcesClear = beliefType<{ blocked: number }>('sourcesClear', { ttlMs: 3000 });

/** Figure 5 for one destination, from its limit to the end of the attack. */
export const targetDefended = goalType<{
  target: string;
  link: string;
  targetLimitBytesPerSec: number;
  blockTtlMs: number;
}>('targetDefended', 'achieve', ['target']);
