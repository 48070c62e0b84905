import type { PipelineChange } from '../../../core/pipeline-plan/pipeline-changes.ts';
import type { PipelineDescriptor } from '../../../protocol/pipeline-descriptor.ts';
import { type PipelineView, PipelineViewSchema } from '../../../protocol/pipeline-view.ts';
import type { AgentGroup } from '../../../runtime/pipelines/agent-group.ts';
import type { UpFile } from '../../../runtime/up/up-file.ts';
import { askUp } from '../../ask-up.ts';
import { untilAttested } from '../../running-up.ts';

/** Some blocks of the ledger, and a process that ends; twice that where one ends and another begins. */
const CHANGED_WITHIN_MS = 30_000;

/** The group of agents of what is up. */
export async function groupOf(up: UpFile): Promise<PipelineView> {
  return PipelineViewSchema.parse(await askUp(up, 'GET', '/v1/pipeline'));
}

/** The same, for whoever changes it. */
export function agentGroupOf(up: UpFile): AgentGroup {
  return {
    view: () => groupOf(up),
    change: (change, pipeline) => makeChange(up, change, pipeline),
    setOrder: (order) => setOrder(up, order),
    untilAttested: (names) => untilAttested(up, names),
  };
}

/** Has one change made; resolves once it is on the ledger. */
async function makeChange(
  up: UpFile,
  change: PipelineChange,
  { name: pipeline, service }: Pick<PipelineDescriptor, 'name' | 'service'>,
): Promise<void> {
  const path = `/v1/agents/${encodeURIComponent(change.name)}`;
  switch (change.kind) {
    case 'add': {
      const { name, host, capabilities } = change;
      const body = { name, host, capabilities, pipeline, service };
      await askUp(up, 'POST', '/v1/agents', { body, withinMs: CHANGED_WITHIN_MS });
      return;
    }
    case 'move': {
      const { host, capabilities } = change;
      await askUp(up, 'POST', `${path}/move`, {
        body: { host, capabilities, service },
        withinMs: 2 * CHANGED_WITHIN_MS,
      });
      return;
    }
    case 'remove':
      await askUp(up, 'DELETE', path, { withinMs: CHANGED_WITHIN_MS });
      return;
    default:
      change satisfies never;
  }
}

/** Has the agents of the group attest one another in this order. */
async function setOrder(up: UpFile, order: readonly string[]): Promise<void> {
  await askUp(up, 'POST', '/v1/pipeline/order', { body: { order }, withinMs: CHANGED_WITHIN_MS });
}
