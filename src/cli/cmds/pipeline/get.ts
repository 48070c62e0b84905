import type { Command } from 'commander';
import { pipelineOf } from '../../../core/pipeline-plan/complete-pipeline.ts';
import { example } from '../../example.ts';
import { knownName } from '../../known-name.ts';
import { outputFormat, printThing } from '../../printer.ts';
import { runningUp } from '../../running-up.ts';
import { groupOf } from './pipelines-of-up.ts';

export function addGet(parent: Command): void {
  parent
    .command('get')
    .argument('[name]', 'a pipeline (default: the one that was brought up)')
    .description('a pipeline of what is up as a file to edit and apply')
    .option('-o, --output <format>', 'yaml or json', 'yaml')
    .addHelpText('after', example('muster pipeline get > pipeline.yaml', 'muster pipeline get shop -o json'))
    .action(async (typed: string | undefined, flags: { readonly output: string }) => {
      const format = outputFormat(flags.output);
      const view = await groupOf(runningUp());
      const names = [...new Set([view.name, ...view.agents.map(({ pipeline }) => pipeline)])];
      const name =
        typed === undefined ? view.name : knownName(typed, names, 'pipeline', 'muster pipeline get');
      printThing({ pipeline: pipelineOf(view, name) }, [], format === 'table' ? 'yaml' : format);
    });
}
