import type { PlaneAction } from './plane-actions.ts';
import type { Interval } from './recording.ts';

/** One rule from when it took effect until it no longer did. */
export interface RuleInForce extends Interval {
  readonly kind: 'limit-link' | 'limit-target' | 'limit-flow' | 'block-source';
  readonly rule: string;
  readonly link: string | null;
  /** The link or address that it bore on. */
  readonly target: string;
  readonly endedBy: 'lifted' | 'ran-out' | 'end-of-run';
  /** Journal id of the action that set it. */
  readonly setBy: string;
}

interface OpenRule extends Omit<RuleInForce, 'endMs' | 'endedBy'> {
  expiresMs: number;
  award: string | null;
}

/**
 * When each rule was in force, in the order in which they were set. Setting a rule again while it is in force renews
 * it; a rule with a time to live ends by itself also when nobody recorded that.
 */
export function rulesInForce(actions: readonly PlaneAction[], durationMs: number): readonly RuleInForce[] {
  const open = new Map<string, OpenRule>();
  const ended: RuleInForce[] = [];
  const close = (rule: OpenRule, atMs: number, cause: RuleInForce['endedBy']): void => {
    const { expiresMs, award: _, ...kept } = rule;
    open.delete(rule.rule);
    const ranOut = expiresMs <= atMs;
    ended.push({ ...kept, endMs: Math.min(atMs, expiresMs), endedBy: ranOut ? 'ran-out' : cause });
  };
  for (const { kind, status, entry, tMs, rule, link, target, ttlMs, award, fromAward } of actions) {
    const held = open.get(rule);
    if (kind === 'adopt-rules') {
      for (const each of open.values())
        if (each.award !== null && each.award === fromAward) each.award = award;
      continue;
    }
    // A rule that has passed to another award is not lifted by who had it before.
    const another = award !== null && held !== undefined && held.award !== null && held.award !== award;
    if (kind === 'remove-rule' && another) continue;
    if (kind === 'remove-rule' || status === 'expired') {
      if (held !== undefined) close(held, tMs, status === 'expired' ? 'ran-out' : 'lifted');
      continue;
    }
    const expiresMs = ttlMs === null ? Number.POSITIVE_INFINITY : tMs + ttlMs;
    if (held !== undefined && held.expiresMs >= tMs && held.target === target) {
      held.expiresMs = expiresMs;
      held.award = award;
      continue;
    }
    if (held !== undefined) close(held, tMs, 'lifted');
    open.set(rule, { kind, rule, link, target, startMs: tMs, expiresMs, award, setBy: entry.id });
  }
  for (const rule of [...open.values()]) close(rule, durationMs, 'end-of-run');
  return ended.sort((a, b) => a.startMs - b.startMs);
}
