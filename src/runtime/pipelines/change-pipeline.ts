import type { ChangePlan } from '../../core/pipeline-plan/pipeline-changes.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { PipelineDescriptor } from '../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { AgentGroup } from './agent-group.ts';
import { type ChangeRow, changeRows } from './pipeline-in-words.ts';

export interface ChangeInput {
  readonly pipeline: PipelineDescriptor;
  /** What makes it so. */
  readonly plan: ChangePlan;
  /** What the plan was made for. */
  readonly view: PipelineView;
  readonly group: AgentGroup;
  /** Between two changes, and while agents are waited for. */
  readonly signal?: AbortSignal;
  /** A change has been made, the first being 1. */
  onMade(row: ChangeRow, number: number, of: number): void;
}

/**
 * Brings a pipeline that is up to what is planned, one change after the other: whoever takes a role over is attested before its holder goes.
 * Broken off, it is gone on with by planning again. @throws MusterError as the group does, INTERRUPTED.
 */
export async function changePipeline({
  pipeline,
  plan,
  view,
  group,
  signal,
  onMade,
}: ChangeInput): Promise<readonly ChangeRow[]> {
  const rows = changeRows(plan, view);
  let fresh = comingOf(pipeline, plan, view);
  for (const [index, change] of plan.changes.entries()) {
    if (change.kind !== 'add' && fresh.length > 0) {
      await group.untilAttested(fresh, signal);
      fresh = [];
    }
    if (signal?.aborted) throw interrupted();
    await group.change(change, pipeline);
    if (change.kind !== 'remove') fresh.push(change.name);
    told(index);
  }
  if (plan.order !== undefined) {
    await group.setOrder(plan.order);
    told(rows.length - 1);
  }
  return rows;

  function told(index: number): void {
    const row = rows[index];
    if (row !== undefined) onMade(row, index + 1, rows.length);
  }
}

/** Of a change that was broken off: agents that had come by then, and were not attested yet. */
function comingOf({ name: own, agents }: PipelineDescriptor, plan: ChangePlan, view: PipelineView): string[] {
  const changed = new Set(plan.changes.map(({ name }) => name));
  const stay = new Set<string>(agents.map(({ name }) => name).filter((name) => !changed.has(name)));
  return view.agents
    .filter(({ name, pipeline }) => pipeline === own && stay.has(name))
    .filter(({ attested, keyed }) => !attested || !keyed)
    .map(({ name }) => name);
}

export function interrupted(): MusterError {
  return new MusterError('INTERRUPTED', 'the agents are to be others by now');
}
