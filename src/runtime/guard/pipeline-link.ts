import type { Ledger } from '../../ports/ledger.ts';
import type { ToGuard } from '../../protocol/site-control.ts';

/** The pipeline that a guard is a part of, once its ledger can be read and spoken to. */
export interface PipelineLink {
  /** Of the guard's own account. */
  readonly ledger: Ledger;
  /** As the supervisor has told it. */
  readonly told: Extract<ToGuard, { kind: 'pipeline' }>;
}
