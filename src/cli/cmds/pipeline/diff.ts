import type { Command } from 'commander';
import { type ChangePlan, pipelineChanges } from '../../../core/pipeline-plan/pipeline-changes.ts';
import type { PipelineDescriptor } from '../../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../../protocol/pipeline-view.ts';
import { loadPipeline, soundPipeline } from '../../../runtime/pipelines/load-pipeline.ts';
import { changeRows } from '../../../runtime/pipelines/pipeline-in-words.ts';
import { refusedPlan } from '../../../runtime/services/plan-of.ts';
import type { UpFile } from '../../../runtime/up/up-file.ts';
import { example } from '../../example.ts';
import { note, outputFormat, printListing } from '../../printer.ts';
import { runningUp } from '../../running-up.ts';
import { groupOf } from './pipelines-of-up.ts';

export const CHANGE_COLUMNS = ['agent', 'change', 'what', 'ledger'] as const;

export function addDiff(parent: Command): void {
  parent
    .command('diff')
    .argument('<path>', 'a pipeline file')
    .description('what applying a pipeline file would change of what is up, and what would go on the ledger')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster pipeline diff shop-pipeline.yaml'))
    .action(async (path: string, flags: { readonly output: string }) => {
      const format = outputFormat(flags.output);
      const { plan, view } = await toChange(runningUp(), path);
      const rows = changeRows(plan, view);
      if (rows.length === 0) note('nothing would change');
      printListing({ rows: rows.map((row) => ({ ...row })), columns: CHANGE_COLUMNS }, format);
    });
}

/** Reads a pipeline's file against what is up, and what would have to change. @throws BAD_PIPELINE, BAD_SERVICE. */
export async function toChange(
  up: UpFile,
  path: string,
): Promise<{
  readonly pipeline: PipelineDescriptor;
  readonly plan: ChangePlan;
  readonly view: PipelineView;
}> {
  const view = await groupOf(up);
  const { pipeline, warnings } = soundPipeline(await loadPipeline(path, view));
  if (warnings !== '') note(warnings);
  const plan = pipelineChanges(pipeline, view);
  if ('refusals' in plan) throw refusedPlan(pipeline.name, plan.refusals);
  return { pipeline, plan, view };
}
