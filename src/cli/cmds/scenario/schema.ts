import type { Command } from 'commander';
import { scenarioJsonSchema } from '../../../protocol/scenario-schema.ts';
import { example } from '../../example.ts';
import { out } from '../../printer.ts';

export function addSchema(parent: Command): void {
  parent
    .command('schema')
    .description('the JSON Schema of scenario files')
    .addHelpText('after', example('muster scenario schema > scenario.schema.json'))
    .action(() => out(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`));
}
