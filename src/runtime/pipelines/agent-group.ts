import type { PipelineChange } from '../../core/pipeline-plan/pipeline-changes.ts';
import type { PipelineDescriptor } from '../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';

/** The group of agents that runs, for whoever changes it: of this process, or over the API. All throw MusterError. */
export interface AgentGroup {
  view(): Promise<PipelineView>;
  /** Makes one change for a pipeline; resolves once it is on the ledger. */
  change(change: PipelineChange, pipeline: Pick<PipelineDescriptor, 'name' | 'service'>): Promise<void>;
  /** Has all agents of the group attest one another in this order. */
  setOrder(order: readonly string[]): Promise<void>;
  /** Resolves once these agents are attested and hold the group key. @throws ATTESTATION_REFUSED when they are not in time, INTERRUPTED. */
  untilAttested(names: readonly string[], signal?: AbortSignal): Promise<void>;
}
