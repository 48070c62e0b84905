import type { PlanRefusal } from '../../core/service-plan/refusal.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Lack } from '../../protocol/service-control.ts';

/** Whatever stands in the way of agents, where nothing better is known. */
const LOOK = 'muster agent list, muster status';

export function lacksOf(error: unknown): readonly Lack[] {
  const reason = error instanceof Error ? error.message : String(error);
  const hint = error instanceof MusterError ? error.hint : '';
  return [{ reason, mend: hint === '' ? LOOK : hint }];
}

export function lacksIn({ refusals }: { readonly refusals: readonly PlanRefusal[] }): readonly Lack[] {
  return refusals.map(({ about, reason, mend }) => ({ reason: `${about}: ${reason}`, mend }));
}
