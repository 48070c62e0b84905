import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import { describePackage } from '../../../runtime/packages/describe-package.ts';
import { openPackageStore } from '../../../runtime/packages/open-package-store.ts';
import { programTrust } from '../../../runtime/packages/program-trust.ts';
import { judgeStored, storedVnfds } from '../../../runtime/packages/stored-packages.ts';
import { example } from '../../example.ts';
import { outputFormat, printThing } from '../../printer.ts';
import { findPackage } from './find-package.ts';
import { type SiteFlags, siteOf, withSiteFlags } from './package-flags.ts';

export function addDescribe(parent: Command): void {
  withSiteFlags(
    parent
      .command('describe')
      .argument('<package>', 'its id, or vnfd/<id>, nsd/<id>')
      .description(
        'what a package asks for: units with their demands, networks, scaling, primitives, warnings',
      ),
  )
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText(
      'after',
      example(
        'muster package describe hackfest3charmed-ns',
        'muster package describe vnfd/cirros_vnf -o json',
      ),
    )
    .action(async (typed: string, flags: SiteFlags & { output: string }) => {
      const format = outputFormat(flags.output);
      const site = await siteOf(flags);
      const view = await (await openPackageStore()).view();
      const stored = await findPackage(view, typed);
      const vnfds = await storedVnfds(view);
      const { descriptor, problems } = await judgeStored(view, stored.record, vnfds, site);
      if (descriptor === undefined) {
        const message = `${stored.record.kind}/${stored.record.id} is not understood by this version of Muster`;
        throw new MusterError('STORE_DAMAGED', message, { hint: 'onboard the package again' });
      }
      const trust = await programTrust(site);
      const { words, demand, images } = describePackage(stored, descriptor, { problems, vnfds, site, trust });
      const { record, usage, usedBy, neededBy } = stored;
      printThing(
        { record, usage, usedBy, neededBy, demand: demand ?? null, images, descriptor, problems },
        words,
        format,
      );
    });
}
