import type { Command } from 'commander';
import { pipelineJsonSchema } from '../../../protocol/pipeline-descriptor.ts';
import { example } from '../../example.ts';
import { out } from '../../printer.ts';

export function addSchema(parent: Command): void {
  parent
    .command('schema')
    .description('the JSON Schema of pipeline files')
    .addHelpText('after', example('muster pipeline schema > pipeline.schema.json'))
    .action(() => out(`${JSON.stringify(pipelineJsonSchema(), null, 2)}\n`));
}
