import type { ScalingPolicy } from '../../protocol/descriptors.ts';
import type { ScalingSettings } from '../../protocol/service-file.ts';
import type { PlannedVnf } from '../service-plan/resolve-vnfs.ts';

interface Bound {
  /** SOL006 relational operation: GT, GE, LT, LE, EQ. */
  readonly operation: string;
  readonly threshold: number;
}

/** When an aspect of a VNF is scaled by itself: the descriptor's policy with the settings of now. */
export interface ScalingRule {
  readonly vnf: string;
  readonly aspect: string;
  readonly policy: string;
  readonly criterion: string;
  /** VDU that is measured, and what of it; undefined: the descriptor names none that there is. */
  readonly vdu: string | undefined;
  readonly metric: string | undefined;
  readonly scaleOut: Bound | undefined;
  readonly scaleIn: Bound | undefined;
  readonly windowMs: number;
  readonly cooldownMs: number;
  readonly level: number;
  readonly maxLevel: number;
}

/** Rules of a VNF that are switched on and work by themselves. */
export function scalingRules(vnf: PlannedVnf): readonly ScalingRule[] {
  return vnf.flavour.scaling.flatMap((aspect) => {
    const settings = vnf.wishes.scaling?.[aspect.id] ?? {};
    return aspect.policies
      .filter((policy) => policy.automatic && (settings.enabled ?? policy.enabled))
      .flatMap((policy) =>
        policy.criteria.map((criterion) => {
          const vdu = vnf.vnfd.vdus.find(({ monitoring }) =>
            monitoring.some(({ id }) => id === criterion.monitoring),
          );
          return {
            vnf: vnf.id,
            aspect: aspect.id,
            policy: policy.name,
            criterion: criterion.name,
            vdu: vdu?.id,
            metric: vdu?.monitoring.find(({ id }) => id === criterion.monitoring)?.metric,
            scaleOut: adjusted(criterion.scaleOut, settings.scaleOut, 'GT'),
            scaleIn: adjusted(criterion.scaleIn, settings.scaleIn, 'LT'),
            ...times(policy, settings),
            level: vnf.levels[aspect.id] ?? 0,
            maxLevel: aspect.maxLevel,
          };
        }),
      );
  });
}

function adjusted(bound: Bound | undefined, threshold: number | undefined, usual: string): Bound | undefined {
  return threshold === undefined ? bound : { operation: bound?.operation ?? usual, threshold };
}

function times(policy: ScalingPolicy, settings: ScalingSettings) {
  return {
    windowMs: settings.windowMs ?? policy.thresholdMs,
    cooldownMs: settings.cooldownMs ?? policy.cooldownMs,
  };
}

/** Since when each threshold has been passed without a break; null: it is not. */
export interface ScalingMemory {
  readonly outSinceMs: number | null;
  readonly inSinceMs: number | null;
}

export const NOTHING_PASSED: ScalingMemory = { outSinceMs: null, inSinceMs: null };

export type ScalingVerdict =
  | { readonly kind: 'rest' }
  | { readonly kind: 'scale'; readonly direction: 'out' | 'in'; readonly reason: string }
  /** The threshold is passed, and yet nothing is done: why, and until when. */
  | { readonly kind: 'wait'; readonly untilMs: number | undefined; readonly reason: string };

/**
 * Judges one measurement. `reading`: mean over the units of the VDU; undefined: there is none, which breaks both windows, for nobody
 * knows what was in between. `scaledAtMs`: when the aspect was scaled last.
 */
export function judgeScaling(
  rule: ScalingRule,
  memory: ScalingMemory,
  reading: number | undefined,
  scaledAtMs: number | undefined,
  nowMs: number,
): { readonly memory: ScalingMemory; readonly verdict: ScalingVerdict } {
  const next: ScalingMemory = {
    outSinceMs: passes(reading, rule.scaleOut) ? (memory.outSinceMs ?? nowMs) : null,
    inSinceMs: passes(reading, rule.scaleIn) ? (memory.inSinceMs ?? nowMs) : null,
  };
  const answer = (verdict: ScalingVerdict, kept = next) => ({ memory: kept, verdict });
  // Too much load counts first, where thresholds overlap.
  const direction = next.outSinceMs !== null ? 'out' : next.inSinceMs !== null ? 'in' : undefined;
  const sinceMs = direction === 'out' ? next.outSinceMs : next.inSinceMs;
  if (direction === undefined || sinceMs === null || reading === undefined) return answer({ kind: 'rest' });
  if (direction === 'in' && rule.level === 0) return answer({ kind: 'rest' });
  const bound = direction === 'out' ? rule.scaleOut : rule.scaleIn;
  const measured = `${rule.metric ?? rule.criterion} of ${rule.vnf} is ${rounded(reading)} (${bound?.operation} ${bound?.threshold})`;
  if (nowMs - sinceMs < rule.windowMs) {
    const reason = `${measured} for ${seconds(nowMs - sinceMs)} of ${seconds(rule.windowMs)}`;
    return answer({ kind: 'wait', untilMs: sinceMs + rule.windowMs, reason });
  }
  if (direction === 'out' && rule.level >= rule.maxLevel) {
    return answer({
      kind: 'wait',
      untilMs: undefined,
      reason: `${measured}, and ${rule.aspect} is at its highest level, ${rule.maxLevel}`,
    });
  }
  const readyMs = scaledAtMs === undefined ? nowMs : scaledAtMs + rule.cooldownMs;
  if (nowMs < readyMs) {
    const reason = `${measured}, and ${rule.aspect} was scaled ${seconds(nowMs - (scaledAtMs ?? nowMs))} ago: it waits ${seconds(readyMs - nowMs)} more`;
    return answer({ kind: 'wait', untilMs: readyMs, reason });
  }
  const reason = `${measured}${rule.windowMs === 0 ? '' : ` for ${seconds(nowMs - sinceMs)}`}: ${rule.aspect} goes ${direction} from level ${rule.level}`;
  return answer({ kind: 'scale', direction, reason }, NOTHING_PASSED);
}

function passes(reading: number | undefined, bound: Bound | undefined): boolean {
  if (reading === undefined || bound === undefined) return false;
  switch (bound.operation.toUpperCase()) {
    case 'GT':
      return reading > bound.threshold;
    case 'GE':
      return reading >= bound.threshold;
    case 'LT':
      return reading < bound.threshold;
    case 'LE':
      return reading <= bound.threshold;
    case 'EQ':
      return reading === bound.threshold;
    default:
      return false;
  }
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
