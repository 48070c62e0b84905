import type { Command } from 'commander';
import type { Improved } from '../../../protocol/improved-service.ts';
import { example } from '../../example.ts';
import { outputFormat, printThing } from '../../printer.ts';
import { wholeNumber } from '../../whole-number.ts';
import { followed, type WaitFlags } from './await-operation.ts';
import { serviceClient, serviceNamed } from './service-in.ts';

type Flags = WaitFlags & {
  readonly budget?: string;
  readonly margin?: string;
  readonly dryRun?: boolean;
  readonly output: string;
};

/** `service improve`: bargains again for a service that runs, and moves units where that pays. */
export function addImprove(parent: Command): void {
  parent
    .command('improve')
    .argument('<service>', 'its name or id')
    .description('ask whether its units would cost less elsewhere, and move them there when that pays')
    .option('--budget <units>', 'how many units move at most (default: as the service file says, or 1)')
    .option(
      '--margin <percent>',
      'part of the cost that each move has to save (default: as the service file says, or 10)',
    )
    .option('--dry-run', 'tell what would move, and move nothing')
    .option('--wait', 'until it is over, telling how far it is')
    .option('--timeout <seconds>', 'how long to wait at most', '120')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText(
      'after',
      example('muster service improve shop --dry-run', 'muster service improve shop --budget 2 --wait'),
    )
    .action(async (typed: string, flags: Flags) => {
      const format = outputFormat(flags.output);
      const { budget, margin, dryRun = false } = flags;
      const client = serviceClient();
      const service = await serviceNamed(client, typed);
      const improved = await client.improve(service.id, {
        dryRun,
        ...(budget === undefined ? {} : { budget: wholeNumber('budget', budget, 200) }),
        ...(margin === undefined ? {} : { margin: wholeNumber('margin', margin, 100) / 100 }),
      });
      const ended =
        improved.operation === undefined ? undefined : await followed(client, improved.operation, flags);
      const { cost, moves, reason, outcome } = improved;
      const operation = ended === undefined ? null : { id: ended.id, state: ended.state };
      printThing(
        { outcome, cost, moves, reason, operation },
        inWords(service.name, improved, ended?.state),
        format,
      );
    });
}

function inWords(
  name: string,
  { outcome, reason, operation }: Improved,
  state: string | undefined,
): string[] {
  const how = {
    begun: `migrate of ${name}: ${state} (${operation?.id})`,
    planned: `${name} would be improved`,
    unchanged: `${name} stays where it is`,
  }[outcome];
  return [how, `  ${reason}`, ...(outcome === 'begun' ? [] : [`  the bids: muster why ${name}`])];
}
