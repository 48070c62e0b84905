import type { Command } from 'commander';
import { MusterError } from '../../protocol/errors.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { example } from '../example.ts';
import { note, outputFormat, printListing, printThing } from '../printer.ts';
import { wholeNumber } from '../whole-number.ts';
import { type SiteFlags, siteOf, withSiteFlags } from './package/package-flags.ts';

interface PlanFlags extends SiteFlags {
  readonly sites?: string;
  readonly exact?: boolean;
  readonly within: number;
  readonly starts?: number;
  readonly output: string;
}

const seconds = (text: string) => Math.max(1, wholeNumber('within', text, 3600));
const starts = (text: string) => Math.max(1, wholeNumber('starts', text, 32));

export function addPlan(program: Command): void {
  withSiteFlags(
    program
      .command('plan')
      .argument(
        '<path...>',
        'one service: an NSD with or without its VNFDs, a service file, or a file of units and links (docs/placement.md)',
      )
      .description('where the units of a service would run, with the bids and what lacks; books nothing'),
  )
    .option(
      '--sites <file>',
      'sites with their hosts and links (default: those that are up here, as if nothing ran there; or this machine, one host)',
    )
    .option('--exact', 'also the exact optimum, and how far the auction is from it')
    .option('--within <seconds>', 'how long the exact optimum is looked for', seconds, 60)
    .option('--starts <n>', 'chains that are tried side by side (default: as many as agents try)', starts)
    .option('-o, --output <format>', 'table (words), wide, json, jsonl, yaml or name', 'table')
    .addHelpText(
      'after',
      example(
        'muster plan examples/placement/service.yaml --sites examples/placement/sites.yaml',
        'muster plan catalogue/watched-video_ns --sites examples/pipeline/sites.yaml --exact',
        'muster plan shop.yaml --sites sites.yaml -o json',
      ),
    )
    .action(async (paths: readonly string[], flags: PlanFlags) => {
      const format = outputFormat(flags.output);
      // Loaded when they are needed: help, and every other command, start sooner without them.
      const { SubstrateSchema } = await import('../../protocol/substrate.ts');
      const { openPackageStore } = await import('../../runtime/packages/open-package-store.ts');
      const { planInWords } = await import('../../runtime/plan/plan-in-words.ts');
      const { planPlacement } = await import('../../runtime/plan/plan-placement.ts');
      const { readYamlFile } = await import('../../runtime/plan/read-yaml-file.ts');
      const { thisMachine } = await import('../../runtime/plan/this-machine.ts');
      const { whatToPlan } = await import('../../runtime/plan/what-to-plan.ts');
      const { graph, found } = await whatToPlan(
        paths,
        () => openPackageStore(),
        () => siteOf(flags),
      );
      if (found.length > 0) note(`found beside it: ${found.join(', ')}`);
      const substrate =
        flags.sites === undefined
          ? ((await sitesThatAreUp()) ?? (await thisMachine()))
          : await readYamlFile(flags.sites, SubstrateSchema, 'sites have `sites`, `hosts` and `links`');
      const exactWithinMs = flags.exact === true ? flags.within * 1000 : undefined;
      const plan = await planPlacement(graph, substrate, { starts: flags.starts, exactWithinMs });
      if (format === 'wide' || format === 'name') {
        const rows = plan.units.map((each) => ({
          ...each,
          parts: each.parts.map((part) => `${part.name} ${part.value}`).join(', '),
        }));
        printListing({ rows, columns: ['unit', 'site', 'host', 'price'] }, format);
      } else printThing({ ...plan }, planInWords(plan), format);
      if (plan.placement === undefined) {
        throw new MusterError('UNSATISFIED', `${graph.service} cannot be placed`, {
          hint: 'what each site lacks is above; give it more room, or ask for less',
        });
      }
    });
}

async function sitesThatAreUp(): Promise<Substrate | null> {
  const { readUpFile } = await import('../../runtime/up/up-file.ts');
  const { substrateOf } = await import('../substrate-of-up.ts');
  const up = readUpFile();
  const substrate = up === undefined ? null : await substrateOf(up);
  if (substrate !== null)
    note(
      `on the ${substrate.sites.length} sites that are up, as if nothing ran there (--sites FILE: on others)`,
    );
  return substrate;
}
