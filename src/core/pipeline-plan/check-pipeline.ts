import type { PipelineView } from '../../protocol/pipeline-view.ts';
import { checkAgents } from './check-agents.ts';
import { checkLinks } from './check-links.ts';
import { checkVerification } from './check-verification.ts';
import { lenientPipeline } from './lenient-pipeline.ts';
import type { PipelineFinding } from './pipeline-finding.ts';

/**
 * Everything about a pipeline's file that a schema cannot see. `raw`: its plain values, whether they fit the schema or not; `view`: what is up,
 * where it is meant for that.
 */
export function checkPipeline(raw: unknown, view?: PipelineView): readonly PipelineFinding[] {
  const pipeline = lenientPipeline(raw);
  return [...checkAgents(pipeline, view), ...checkLinks(pipeline), ...checkVerification(pipeline, view)];
}
