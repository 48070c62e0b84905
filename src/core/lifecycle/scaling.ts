import type { CriteriaOperation, ScalingCriterion, ScalingPolicy } from '../../protocol/descriptors.ts';
import type { ScalingSettings } from '../../protocol/service-file.ts';
import type { PlannedVnf } from '../service-plan/resolve-vnfs.ts';
import { compares } from './relational.ts';

interface Bound {
  /** SOL006 relational operation: GT, GE, LT, LE, EQ. */
  readonly operation: string;
  readonly threshold: number;
}

/** One measurement that a rule looks at. */
export interface RuleCriterion {
  readonly name: string;
  /** VDU that is measured, and what of it; undefined: the descriptor names none that there is. */
  readonly vdu: string | undefined;
  readonly metric: string | undefined;
  readonly scaleOut: Bound | undefined;
  readonly scaleIn: Bound | undefined;
}

/** When an aspect of a VNF is scaled by itself: the descriptor's policy with the settings of now. */
export interface ScalingRule {
  readonly vnf: string;
  readonly aspect: string;
  readonly policy: string;
  readonly criteria: readonly RuleCriterion[];
  /** Whether all of the criteria that have a threshold for it have to pass it, or any one. */
  readonly outWhen: CriteriaOperation;
  readonly inWhen: CriteriaOperation;
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
      .map((policy) => ({
        vnf: vnf.id,
        aspect: aspect.id,
        policy: policy.name,
        criteria: criteriaOf(vnf, policy, settings),
        outWhen: policy.outWhen,
        inWhen: policy.inWhen,
        ...times(policy, settings),
        level: vnf.levels[aspect.id] ?? 0,
        maxLevel: aspect.maxLevel,
      }));
  });
}

function criteriaOf(
  { vnfd }: PlannedVnf,
  { criteria }: ScalingPolicy,
  settings: ScalingSettings,
): readonly RuleCriterion[] {
  // A setting is for the criteria that have a threshold; where none has, for all.
  const bounded = (direction: 'scaleOut' | 'scaleIn') =>
    criteria.some((each) => each[direction] !== undefined);
  const set = (criterion: ScalingCriterion, direction: 'scaleOut' | 'scaleIn', usual: string) => {
    const bound = criterion[direction];
    const threshold = settings[direction];
    if (threshold === undefined || (bound === undefined && bounded(direction))) return bound;
    return { operation: bound?.operation ?? usual, threshold };
  };
  return criteria.map((criterion) => {
    const vdu = vnfd.vdus.find(({ monitoring }) => monitoring.some(({ id }) => id === criterion.monitoring));
    return {
      name: criterion.name,
      vdu: vdu?.id,
      metric: vdu?.monitoring.find(({ id }) => id === criterion.monitoring)?.metric,
      scaleOut: set(criterion, 'scaleOut', 'GE'),
      scaleIn: set(criterion, 'scaleIn', 'LE'),
    };
  });
}

function times(policy: ScalingPolicy, settings: ScalingSettings) {
  return {
    windowMs: settings.windowMs ?? policy.thresholdMs,
    cooldownMs: settings.cooldownMs ?? policy.cooldownMs,
  };
}

/** Since when the threshold of each criterion has been passed without a break; null: it is not. */
export interface ScalingMemory {
  readonly outSinceMs: readonly (number | null)[];
  readonly inSinceMs: readonly (number | null)[];
}

export const NOTHING_PASSED: ScalingMemory = { outSinceMs: [], inSinceMs: [] };

export type ScalingVerdict =
  | { readonly kind: 'rest' }
  | { readonly kind: 'scale'; readonly direction: 'out' | 'in'; readonly reason: string }
  /** The threshold is passed, and yet nothing is done: why, and until when. */
  | { readonly kind: 'wait'; readonly untilMs: number | undefined; readonly reason: string };

/**
 * Judges the measurements of one moment. `readings`: of each criterion, the mean over the units of its VDU; undefined: there is none, which
 * breaks both windows, for nobody knows what was in between. `scaledAtMs`: when the aspect was scaled last.
 */
export function judgeScaling(
  rule: ScalingRule,
  memory: ScalingMemory,
  readings: readonly (number | undefined)[],
  scaledAtMs: number | undefined,
  nowMs: number,
): { readonly memory: ScalingMemory; readonly verdict: ScalingVerdict } {
  const since = (direction: 'scaleOut' | 'scaleIn', before: readonly (number | null)[]) =>
    rule.criteria.map((each, index) =>
      passes(readings[index], each[direction]) ? (before[index] ?? nowMs) : null,
    );
  const next: ScalingMemory = {
    outSinceMs: since('scaleOut', memory.outSinceMs),
    inSinceMs: since('scaleIn', memory.inSinceMs),
  };
  const answer = (verdict: ScalingVerdict, kept = next) => ({ memory: kept, verdict });
  const out = passed(rule, 'scaleOut', rule.outWhen, next.outSinceMs);
  // Too much load counts first, where thresholds overlap.
  const direction = out === undefined ? 'in' : 'out';
  const found = out ?? passed(rule, 'scaleIn', rule.inWhen, next.inSinceMs);
  if (found === undefined || (direction === 'in' && rule.level === 0)) return answer({ kind: 'rest' });
  const { sinceMs } = found;
  const measured = found.by.map((index) => inWords(rule, index, direction, readings[index])).join(' and ');
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

/** The criteria by which a direction is passed, and since when; undefined: it is not. One that is not measured passes nothing. */
function passed(
  { criteria }: ScalingRule,
  direction: 'scaleOut' | 'scaleIn',
  operation: CriteriaOperation,
  sinceMs: readonly (number | null)[],
): { readonly by: readonly number[]; readonly sinceMs: number } | undefined {
  const bounded = criteria.flatMap((each, index) => (each[direction] === undefined ? [] : [index]));
  const over = bounded.flatMap((index) => {
    const from = sinceMs[index];
    return from === null || from === undefined ? [] : [{ index, from }];
  });
  const [first] = over.toSorted((a, b) => a.from - b.from);
  if (first === undefined) return undefined;
  if (operation === 'OR') return { by: [first.index], sinceMs: first.from };
  if (over.length < bounded.length) return undefined;
  return { by: bounded, sinceMs: Math.max(...over.map(({ from }) => from)) };
}

function inWords(
  { criteria, vnf }: ScalingRule,
  index: number,
  direction: 'out' | 'in',
  reading: number | undefined,
): string {
  const { metric, name, scaleOut, scaleIn } = criteria[index] ?? { name: '' };
  const bound = direction === 'out' ? scaleOut : scaleIn;
  return `${metric ?? name} of ${vnf} is ${rounded(reading ?? 0)} (${bound?.operation} ${bound?.threshold})`;
}

function passes(reading: number | undefined, bound: Bound | undefined): boolean {
  // Nearly every reading is unlike a threshold: a policy of scaling cannot have NE (SOL006 scaling-criteria).
  if (bound === undefined || bound.operation.toUpperCase() === 'NE') return false;
  return compares(reading, bound.operation, bound.threshold) === true;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
