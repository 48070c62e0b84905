import type { ExpectationResult, Report } from '../../../protocol/report.ts';
import type { Expectations } from '../../../protocol/scenario.ts';
import { type PlaneAction, planeActions } from '../plane-actions.ts';
import type { Recording } from '../recording.ts';
import { type RuleInForce, rulesInForce } from '../rules-in-force.ts';

/** What every check reads. */
export interface CheckContext {
  readonly recording: Recording;
  readonly report: Report;
  readonly actions: readonly PlaneAction[];
  readonly rules: readonly RuleInForce[];
}

/** One field of `expect` and how it is judged: `value` is what the scenario expects. */
export type Check<K extends keyof Expectations> = (
  value: NonNullable<Expectations[K]>,
  context: CheckContext,
) => Omit<ExpectationResult, 'name'>;

/** Prepares a recording for the checks. */
export function checkContext(recording: Recording, report: Report): CheckContext {
  const actions = planeActions(recording.journal);
  return { recording, report, actions, rules: rulesInForce(actions, recording.durationMs) };
}
