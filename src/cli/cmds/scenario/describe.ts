import type { Command } from 'commander';
import { plainText } from '../../../core/explain/in-words.ts';
import type { Scenario } from '../../../protocol/scenario.ts';
import { describeScenario } from '../../../runtime/scenario/describe-scenario.ts';
import { findScenario } from '../../../runtime/scenario/find-scenario.ts';
import { example } from '../../example.ts';
import { outputFormat, printThing } from '../../printer.ts';

export function addDescribe(parent: Command): void {
  parent
    .command('describe')
    .argument('<file>', 'a scenario file, or the name of one that comes with Muster')
    .description('a scenario in words: its network, functions, users, attacks and what is expected')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster scenario describe ddos'))
    .action(async (file: string, flags: { output: string }) => {
      const format = outputFormat(flags.output);
      const scenario = await findScenario(file);
      printThing({ ...scenario }, words(scenario), format);
    });
}

function words(scenario: Scenario): string[] {
  return [
    `${scenario.name}: ${plainText(scenario.title)}`,
    ...describeScenario(scenario).flatMap(({ heading, lines }) => [
      '',
      heading,
      ...lines.map((line) => `  ${line}`),
    ]),
  ];
}
