import type { Command } from 'commander';
import { changePipeline } from '../../../runtime/pipelines/change-pipeline.ts';
import { example } from '../../example.ts';
import { note, outputFormat, printListing } from '../../printer.ts';
import { runningUp } from '../../running-up.ts';
import { CHANGE_COLUMNS, toChange } from './diff.ts';
import { agentGroupOf } from './pipelines-of-up.ts';

export function addApply(parent: Command): void {
  parent
    .command('apply')
    .argument('<path>', 'a pipeline file')
    .description(
      'bring the agents of a pipeline to what its file says, while everything goes on: those that come are attested before others go',
    )
    .option('--wait', 'until all of its agents are attested and hold the group key')
    .option('-o, --output <format>', 'table, wide, json, jsonl, yaml or name', 'table')
    .addHelpText('after', example('muster pipeline apply shop-pipeline.yaml --wait'))
    .action(async (path: string, flags: { readonly wait?: boolean; readonly output: string }) => {
      const format = outputFormat(flags.output);
      const up = runningUp();
      const { pipeline, plan, view } = await toChange(up, path);
      const group = agentGroupOf(up);
      const rows = await changePipeline({
        pipeline,
        plan,
        view,
        group,
        onMade: ({ agent, change, what }, number, of) =>
          note(
            `${number} of ${of}: ${change === 'order' ? 'the order of rounds is on the ledger' : `${change} ${agent}: ${what}`}`,
          ),
      });
      if (flags.wait === true) await group.untilAttested(pipeline.agents.map(({ name }) => name));
      if (rows.length === 0) note('nothing to change');
      printListing({ rows: rows.map((row) => ({ ...row })), columns: CHANGE_COLUMNS }, format);
    });
}
