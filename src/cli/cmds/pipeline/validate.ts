import type { Command } from 'commander';
import { loadPipeline, soundPipeline } from '../../../runtime/pipelines/load-pipeline.ts';
import { readUpFile } from '../../../runtime/up/up-file.ts';
import { example } from '../../example.ts';
import { note, out } from '../../printer.ts';
import { groupOf } from './pipelines-of-up.ts';

export function addValidate(parent: Command): void {
  parent
    .command('validate')
    .argument('<path>', 'a pipeline file')
    .description(
      'everything that is wrong with a pipeline file, at once; also against what is up, if something is',
    )
    .option('--alone', 'look at the file alone')
    .addHelpText('after', example('muster pipeline validate shop-pipeline.yaml'))
    .action(async (path: string, flags: { readonly alone?: boolean }) => {
      const up = flags.alone === true ? undefined : readUpFile();
      const view = up === undefined ? undefined : await groupOf(up);
      const { pipeline, warnings } = soundPipeline(await loadPipeline(path, view));
      if (warnings !== '') note(warnings);
      const against = view === undefined ? '' : `, and can be applied to what is up (${view.name})`;
      out(`${path} is right: ${pipeline.agents.length} agents${against}\n`);
    });
}
