import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { PlacedUnit } from '../../../core/pipeline-plan/duties.ts';
import { MusterError } from '../../../protocol/errors.ts';
import { type Substrate, SubstrateSchema } from '../../../protocol/substrate.ts';
import { openPackageStore } from '../../../runtime/packages/open-package-store.ts';
import { figuresInWords } from '../../../runtime/pipelines/pipeline-in-words.ts';
import { planServicePipeline } from '../../../runtime/pipelines/plan-service-pipeline.ts';
import { type ServiceToControl, serviceToControl } from '../../../runtime/pipelines/service-to-control.ts';
import { loadService } from '../../../runtime/plan/load-service.ts';
import { planPlacement } from '../../../runtime/plan/plan-placement.ts';
import { readYamlFile } from '../../../runtime/plan/read-yaml-file.ts';
import { readUpFile } from '../../../runtime/up/up-file.ts';
import { example } from '../../example.ts';
import { note, outputFormat, printThing } from '../../printer.ts';
import { runningUp } from '../../running-up.ts';
import { createServiceClient } from '../../service-client.ts';
import { wholeNumber } from '../../whole-number.ts';
import { type SiteFlags, siteOf, withSiteFlags } from '../package/package-flags.ts';
import { serviceNamed } from '../service/service-in.ts';
import { groupOf } from './pipelines-of-up.ts';

interface Flags extends SiteFlags {
  readonly sites?: string;
  readonly verifiers?: number;
  readonly bidders: number;
  readonly output: string;
}

const verifiers = (text: string) => Math.max(1, wholeNumber('verifiers', text, 16));
const bidders = (text: string) => Math.max(1, wholeNumber('bidders', text, 16));

export function addPlan(parent: Command): void {
  withSiteFlags(
    parent
      .command('plan')
      .argument(
        '<path...>',
        'a service that is up, by its name; or an NSD, a service file, with or without VNFDs',
      )
      .description(
        'the control agents that a service needs, where, and who talks to whom: as a file to edit and apply',
      ),
  )
    .option('--sites <file>', 'sites with their hosts and links (default: those of what is up)')
    .option(
      '--verifiers <n>',
      'peers that vouch for an agent in each round (default: as what is up, else 1)',
      verifiers,
    )
    .option('--bidders <n>', 'agents that can play each role: with two it moves when one fails', bidders, 2)
    .option('-o, --output <format>', 'yaml or json', 'yaml')
    .addHelpText(
      'after',
      example(
        'muster pipeline plan catalogue/watched-video_ns --sites examples/pipeline/sites.yaml',
        'muster pipeline plan shop > shop-pipeline.yaml',
      ),
    )
    .action(async (paths: readonly string[], flags: Flags) => {
      const format = outputFormat(flags.output);
      const up = readUpFile();
      const view = up === undefined ? undefined : await groupOf(up);
      const { service, plan, units, substrate } = await toControl(paths, flags);
      const planned = planServicePipeline({
        service,
        plan,
        units,
        substrate,
        view,
        perRound: flags.verifiers,
        bidders: flags.bidders,
      });
      printThing({ pipeline: planned.pipeline }, [], format === 'table' ? 'yaml' : format);
      for (const line of [...planned.notes, ...figuresInWords(planned.figures, planned.naive)]) note(line);
    });
}

interface ToControl extends ServiceToControl {
  readonly substrate: Substrate | undefined;
}

async function toControl(paths: readonly string[], flags: Flags): Promise<ToControl> {
  const [path = ''] = paths;
  const substrate =
    flags.sites === undefined
      ? undefined
      : await readYamlFile(flags.sites, SubstrateSchema, 'sites have `sites`, `hosts` and `links`');
  const isFile = existsSync(path) || path.includes('/') || /\.(ya?ml|tar|gz|tgz)$/i.test(path);
  return paths.length === 1 && !isFile
    ? runningService(path, flags, substrate)
    : plannedService(paths, flags, substrate);
}

/** A service that runs: its units are where they are. */
async function runningService(
  typed: string,
  flags: Flags,
  substrate: Substrate | undefined,
): Promise<ToControl> {
  const service = await serviceNamed(createServiceClient(runningUp()), typed);
  const toControl = await serviceToControl(service, await openPackageStore(), await siteOf(flags));
  return { ...toControl, substrate };
}

/** A service that does not run: its units are where bargaining would put them. */
async function plannedService(
  paths: readonly string[],
  flags: Flags,
  substrate: Substrate | undefined,
): Promise<ToControl> {
  const { graph, plan, units, found, file } = await loadService(
    paths,
    await openPackageStore(),
    await siteOf(flags),
  );
  if (found.length > 0) note(`found beside it: ${found.join(', ')}`);
  if (substrate === undefined) {
    throw new MusterError('USAGE', `where ${file.name} would run is not known`, {
      hint: '--sites FILE, or the name of a service that is up: muster service list',
    });
  }
  const { placement } = await planPlacement(graph, substrate, { exactWithinMs: undefined });
  if (placement === undefined) {
    throw new MusterError('UNSATISFIED', `${file.name} cannot be placed on these sites`, {
      hint: `muster plan ${paths.join(' ')} --sites ${flags.sites} says what lacks`,
    });
  }
  const places = new Map(placement.units.map((each) => [each.unit, each]));
  return {
    service: file.name,
    plan,
    substrate,
    units: units.flatMap(({ vnf, vdu, unit }): readonly PlacedUnit[] => {
      const place = places.get(unit.id);
      return place === undefined ? [] : [{ vnf, vdu, site: place.site, host: place.host }];
    }),
  };
}
