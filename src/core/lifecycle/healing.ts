import type { PlannedVnf } from '../service-plan/resolve-vnfs.ts';

/** What is done when units of a VDU fail. */
export interface HealingRule {
  readonly automatic: boolean;
  readonly cooldownMs: number;
  /** Whether what is done on the first day is done again. */
  readonly day1: boolean;
}

/** Of a VDU of which the descriptor says nothing: a unit that fails again and again is not started more often than this. */
const USUAL: HealingRule = { automatic: true, cooldownMs: 10_000, day1: true };

/** The descriptor's policy with the settings of now. */
export function healingRule({ flavour, wishes }: PlannedVnf, vdu: string): HealingRule {
  const policy = flavour.healing.find((each) => each.vdu === vdu);
  const { automatic, cooldownMs, day1 } = policy ?? USUAL;
  return { automatic, day1, cooldownMs: wishes.healingCooldownMs?.[vdu] ?? cooldownMs };
}

export type HealingVerdict =
  | { readonly kind: 'heal'; readonly reason: string }
  | { readonly kind: 'wait'; readonly untilMs: number; readonly reason: string }
  | { readonly kind: 'leave'; readonly reason: string };

/** The first failure is healed at once; later ones once the cooldown since the last healing has passed, and it is said that they wait. */
export function judgeHealing(
  rule: HealingRule,
  about: string,
  healedAtMs: number | undefined,
  nowMs: number,
): HealingVerdict {
  if (!rule.automatic) {
    return {
      kind: 'leave',
      reason: `${about}: its descriptor leaves healing to the operator: muster service heal`,
    };
  }
  const readyMs = healedAtMs === undefined ? nowMs : healedAtMs + rule.cooldownMs;
  if (nowMs >= readyMs) return { kind: 'heal', reason: about };
  const agoS = Math.round((nowMs - (healedAtMs ?? nowMs)) / 100) / 10;
  const leftS = Math.round((readyMs - nowMs) / 100) / 10;
  return {
    kind: 'wait',
    untilMs: readyMs,
    reason: `${about}: it was healed ${agoS} s ago, and the cooldown is ${rule.cooldownMs / 1000} s: it is healed in ${leftS} s`,
  };
}
