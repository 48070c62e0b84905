import type { BidPart } from '../../protocol/journal.ts';
import type { BidMode } from '../../protocol/scenario.ts';

export interface Usage {
  readonly used: number;
  readonly total: number;
}

export interface BidInput {
  readonly mode: BidMode;
  /** wC in [0, 1]; wU = 1 - wC. */
  readonly costWeight: number;
  /** C(B, g) in [0, 1] and its parts. */
  readonly cost: number;
  readonly costParts: readonly BidPart[];
  readonly cpu: Usage;
  readonly memoryGb: Usage;
  /** What the goal would take besides; zero when it needs no room of its own. */
  readonly demand: { readonly cpu: number; readonly memoryGb: number };
}

export type Bid =
  | { readonly kind: 'propose'; readonly price: number; readonly parts: readonly BidPart[] }
  | { readonly kind: 'refuse'; readonly reason: string; readonly parts: readonly BidPart[] };

/**
 * The price p = wC C(B,g) + wU (1 - U) of the paper's section III.B, with three ways to see U:
 *
 * - `headroom`: c', m' = usage after placing; above 1: refuse; U = (1-c')(1-m').
 * - `ordered`: U = 1 - c m: in [0,1] and ranks hosts as the paper's U does.
 * - `literal`: the paper's 1/(c m), clamped to [0,1]: for reproduction only, since for usages in (0,1] it is never below 1,
 *   so every host looks equally good.
 */
export function bid(input: BidInput): Bid {
  const { mode, costWeight, demand } = input;
  const c = ratio(input.cpu, 0);
  const m = ratio(input.memoryGb, 0);
  const cAfter = ratio(input.cpu, demand.cpu);
  const mAfter = ratio(input.memoryGb, demand.memoryGb);
  const detail =
    mode === 'headroom'
      ? `cpu ${percent(cAfter)} and memory ${percent(mAfter)} after placing`
      : `cpu ${percent(c)} and memory ${percent(m)} in use`;
  if (mode === 'headroom' && (cAfter > 1 || mAfter > 1)) {
    const short = [
      ...(cAfter > 1 ? [`cpu ${percent(cAfter)}`] : []),
      ...(mAfter > 1 ? [`memory ${percent(mAfter)}`] : []),
    ];
    const parts = [
      { name: 'cpu after', value: cAfter, detail: `${input.cpu.used} + ${demand.cpu} of ${input.cpu.total}` },
      {
        name: 'memory after',
        value: mAfter,
        detail: `${input.memoryGb.used} + ${demand.memoryGb} of ${input.memoryGb.total} GiB`,
      },
    ];
    return { kind: 'refuse', reason: `no headroom: ${short.join(' and ')} after placing`, parts };
  }
  const utility = clamp(
    mode === 'headroom' ? (1 - cAfter) * (1 - mAfter) : mode === 'ordered' ? 1 - c * m : 1 / (c * m),
  );
  const wU = 1 - costWeight;
  const cost = clamp(input.cost);
  const parts: BidPart[] = input.costParts.map((part) => ({ ...part, value: part.value * costWeight }));
  const told = input.costParts.reduce((sum, part) => sum + part.value, 0);
  const rest = cost - told;
  if (parts.length === 0) parts.push({ name: 'cost', value: costWeight * cost });
  else if (Math.abs(rest) > 1e-9) {
    const detail = input.cost > 1 ? 'C is at most 1' : 'of C without a name';
    parts.push({ name: 'other cost', value: costWeight * rest, detail });
  }
  parts.push({ name: 'utility', value: wU * (1 - utility), detail: `U ${utility.toFixed(3)}: ${detail}` });
  return { kind: 'propose', price: costWeight * cost + wU * (1 - utility), parts };
}

function ratio(usage: Usage, more: number): number {
  return usage.total > 0 ? (usage.used + more) / usage.total : more > 0 ? Number.POSITIVE_INFINITY : 0;
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

function percent(value: number): string {
  return Number.isFinite(value) ? `${Math.round(value * 100)} %` : 'unlimited';
}
