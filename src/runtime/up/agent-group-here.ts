import type { PipelineChange } from '../../core/pipeline-plan/pipeline-changes.ts';
import type { Clock } from '../../ports/clock.ts';
import { AgentAdditionSchema, type AgentChange, AgentMoveSchema } from '../../protocol/agent-change.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import { RoundOrderSchema } from '../../protocol/pipeline-view.ts';
import type { AgentGroup } from '../pipelines/agent-group.ts';
import { untilAttested } from '../pipelines/until-attested.ts';

/** What of a supervisor changes its agents. */
export interface GroupHolder {
  group(): PipelineView;
  change(change: AgentChange): Promise<void>;
  orderRounds(order: readonly AgentId[]): Promise<void>;
}

/** The group of agents of this process. */
export function agentGroupHere(holder: GroupHolder, clock: Clock): AgentGroup {
  const view = async (): Promise<PipelineView> => holder.group();
  return {
    view,
    change: (change, pipeline) => holder.change(asAsked(change, pipeline)),
    setOrder: (order) => holder.orderRounds(RoundOrderSchema.parse({ order }).order),
    untilAttested: (names, signal) => untilAttested(view, names, clock, signal),
  };
}

function asAsked(
  change: PipelineChange,
  { name: pipeline, service }: { readonly name: string; readonly service?: string | undefined },
): AgentChange {
  switch (change.kind) {
    case 'add': {
      const { name, host, capabilities } = change;
      return { kind: 'add', ...AgentAdditionSchema.parse({ name, host, capabilities, pipeline, service }) };
    }
    case 'move': {
      const { name, host, capabilities } = change;
      return { kind: 'move', name, ...AgentMoveSchema.parse({ host, capabilities, service }) };
    }
    case 'remove':
      return { kind: 'remove', name: change.name };
    default:
      return change satisfies never;
  }
}
