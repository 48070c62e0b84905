import type { Command } from 'commander';
import { changeRows } from '../../../runtime/pipelines/pipeline-in-words.ts';
import { example } from '../../example.ts';
import { note, outputFormat, printListing } from '../../printer.ts';
import { runningUp, untilAttested } from '../../running-up.ts';
import { CHANGE_COLUMNS, toChange } from './diff.ts';
import { makeChange, setOrder } from './pipelines-of-up.ts';

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
      const rows = changeRows(plan, view);
      let fresh: string[] = [];
      for (const [index, change] of plan.changes.entries()) {
        // Whoever takes a role over has to be genuine before its holder goes.
        if (change.kind !== 'add' && fresh.length > 0) {
          await untilAttested(up, fresh);
          fresh = [];
        }
        await makeChange(up, change, pipeline);
        note(`${index + 1} of ${rows.length}: ${change.kind} ${change.name}: ${rows[index]?.what}`);
        if (change.kind !== 'remove') fresh.push(change.name);
      }
      if (plan.order !== undefined) {
        await setOrder(up, plan.order);
        note(`${rows.length} of ${rows.length}: the order of rounds is on the ledger`);
      }
      if (flags.wait === true)
        await untilAttested(
          up,
          pipeline.agents.map(({ name }) => name),
        );
      if (rows.length === 0) note('nothing to change');
      printListing({ rows: rows.map((row) => ({ ...row })), columns: CHANGE_COLUMNS }, format);
    });
}
