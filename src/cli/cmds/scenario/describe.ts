import type { Command } from 'commander';
import type { Scenario } from '../../../protocol/scenario.ts';
import { outputFormat, printThing } from '../../printer.ts';
import { findScenario } from './find-scenario.ts';

export function addDescribe(parent: Command): void {
  parent
    .command('describe')
    .argument('<file>', 'a scenario file, or the name of one that comes with Muster')
    .description('a scenario in words: its network, functions, users, attacks and what is expected')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .action(async (file: string, flags: { output: string }) => {
      const format = outputFormat(flags.output);
      const scenario = await findScenario(file);
      printThing({ ...scenario }, words(scenario), format);
    });
}

function words(scenario: Scenario): string[] {
  const { topology, functions, users, attacks, faults, expect } = scenario;
  const kB = (rate: number) => `${Math.round(rate / 1000)} kB/s`;
  return [
    `${scenario.name}: ${scenario.title}`,
    scenario.description,
    '',
    `Network: ${topology.switches.length} switches, ${topology.hosts.length} hosts, users and attackers at ${topology.accessPoints.map((each) => each.name).join(', ')}.`,
    ...topology.hosts.flatMap((each) =>
      each.capacityBytesPerSec === undefined
        ? []
        : [`  link ${each.switch}>${each.name}: ${kB(each.capacityBytesPerSec)}`],
    ),
    ...topology.trunks.flatMap((each) =>
      each.capacityBytesPerSec === undefined
        ? []
        : [`  link ${each.from}>${each.to}: ${kB(each.capacityBytesPerSec)}`],
    ),
    'Functions, placed by auction:',
    ...functions.map((each) => `  ${each.name} (${each.kind}): ${each.cpu} CPU, ${each.memoryGb} GiB`),
    'Users:',
    ...users.map(
      (each) =>
        `  ${each.count} x ${each.behaviour} of ${each.target}${each.startMs === undefined ? '' : ` from ${each.startMs / 1000} s on`}`,
    ),
    ...(attacks.length === 0 ? ['No attack.'] : ['Attacks:']),
    ...attacks.map(
      (each) =>
        `  ${each.ratesPps.length} sources flood ${each.target} with SYNs from ${each.startMs / 1000} s for ${each.durationMs / 1000} s`,
    ),
    ...faults.map((each) => `Fault: the agent that holds ${each.holderOf} is stopped (${each.when})`),
    'Expected:',
    ...Object.entries(expect).map(([name, value]) => `  ${name}: ${String(value)}`),
  ];
}
