import type { Command } from 'commander';
import { scenarioJsonSchema } from '../../../protocol/scenario-schema.ts';
import { out } from '../../printer.ts';

export function addSchema(parent: Command): void {
  parent
    .command('schema')
    .description('the JSON Schema of scenario files')
    .action(() => out(`${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`));
}
