import type { Command } from 'commander';
import { MusterError } from '../../../protocol/errors.ts';
import type { ServiceFile } from '../../../protocol/service-file.ts';
import { type Onboarded, onboardPackages } from '../../../runtime/packages/onboard-packages.ts';
import { openPackageStore } from '../../../runtime/packages/open-package-store.ts';
import { loadServiceFiles } from '../../../runtime/services/load-service-files.ts';
import { previewApply } from '../../../runtime/services/preview.ts';
import { readUpFile } from '../../../runtime/up/up-file.ts';
import { example } from '../../example.ts';
import { note, type OutputFormat, outputFormat, printListing } from '../../printer.ts';
import { createServiceClient } from '../../service-client.ts';
import { substrateOf } from '../../substrate-of-up.ts';
import { type SiteFlags, siteOf, withSiteFlags } from '../package/package-flags.ts';
import { printResults } from '../package/package-results.ts';
import { controlled } from './await-control.ts';
import { followed, type WaitFlags } from './await-operation.ts';
import { controlChanges } from './control-changes.ts';
import { serviceClient } from './service-in.ts';

interface Given extends SiteFlags {
  readonly output: string;
  readonly control?: boolean;
}

type Flags = Given & WaitFlags & { readonly dryRun?: boolean };

const WITH_CONTROL =
  'without a service file: have it looked after by control agents that Muster works out (`control: planned`)';
const FORMATS = 'table, wide, json, jsonl, yaml or name';

export function addApply(parent: Command): void {
  withSiteFlags(
    parent
      .command('apply')
      .argument('<path...>', 'an NSD and VNFDs in any order, and service files: .tar.gz, folder, or .yaml')
      .description('bring services to what files say: create them, change them, or do nothing'),
  )
    .option('--control', WITH_CONTROL)
    .option('--dry-run', 'tell what would change, and change nothing')
    .option('--wait', 'until it is over, telling how far it is')
    .option('--timeout <seconds>', 'how long to wait at most', '120')
    .option('-o, --output <format>', FORMATS, 'table')
    .addHelpText(
      'after',
      example(
        'muster service apply shop_nsd.yaml web_vnfd.yaml --wait',
        'muster service apply shop_nsd.yaml web_vnfd.yaml --control --wait',
        'muster service apply shop.yaml --dry-run',
      ),
    )
    .action((paths: readonly string[], flags: Flags) =>
      flags.dryRun === true ? preview(paths, flags) : apply(paths, flags),
    );
}

export function addDiff(parent: Command): void {
  withSiteFlags(
    parent
      .command('diff')
      .argument('<path...>', 'as of `service apply`')
      .description('what applying files would change'),
  )
    .option('--control', WITH_CONTROL)
    .option('-o, --output <format>', FORMATS, 'table')
    .addHelpText('after', example('muster service diff shop.yaml'))
    .action((paths: readonly string[], flags: Given) => preview(paths, flags));
}

async function apply(paths: readonly string[], flags: Flags): Promise<void> {
  const format = outputFormat(flags.output);
  const client = serviceClient();
  const { services, packages } = await loadServiceFiles(paths, controlOf(flags));
  const options = { site: await siteOf(flags), update: true, nowMs: Date.now() };
  const onboarded =
    packages.length === 0 ? [] : await onboardPackages(await openPackageStore(), packages, options);
  if (refused(onboarded, format)) return;
  const rows = [];
  const failures: unknown[] = [];
  // All are asked for before any is waited for: that one comes to nothing is nothing to the others.
  for (const { service, applied } of await applyAll(client, services, failures)) {
    const { outcome, operation, changes } = applied;
    let state: string = operation?.state ?? 'COMPLETED';
    try {
      if (operation !== undefined) state = (await followed(client, operation, flags)).state;
      if (flags.wait === true && service.control === 'planned') await controlled(client, service.name, flags);
    } catch (error) {
      if (error instanceof MusterError && error.code === 'INTERRUPTED') throw error;
      failures.push(error);
      if (operation !== undefined) state = (await client.operation(operation.id)).state;
    }
    rows.push({
      service: service.name,
      outcome,
      state,
      changes: changes.length,
      operation: operation?.id ?? null,
    });
  }
  const [first, ...others] = failures;
  if (first === undefined || services.length > 1)
    printListing({ rows, columns: ['service', 'outcome', 'state', 'changes', 'operation'] }, format);
  for (const each of others) note(each instanceof Error ? each.message : String(each));
  if (first === undefined) return;
  const kept = onboarded.filter(({ outcome }) => outcome !== 'unchanged').map(({ opened }) => opened.label);
  if (kept.length > 0) note(`onboarded all the same: ${kept.join(', ')}`);
  throw first;
}

async function applyAll(
  client: ReturnType<typeof serviceClient>,
  services: readonly ServiceFile[],
  failures: unknown[],
) {
  const begun = [];
  for (const service of services) {
    try {
      begun.push({ service, applied: await client.apply({ service }) });
    } catch (error) {
      failures.push(error);
    }
  }
  return begun;
}

const controlOf = ({ control }: Given) => (control === true ? ({ control: 'planned' } as const) : {});

async function preview(paths: readonly string[], flags: Given): Promise<void> {
  const format = outputFormat(flags.output);
  const { services, packages } = await loadServiceFiles(paths, controlOf(flags));
  const up = readUpFile();
  if (up === undefined) note('nothing is up: everything would be new');
  const existing = up === undefined ? [] : await createServiceClient(up).list();
  const site = await siteOf(flags);
  const substrate = up === undefined ? null : await substrateOf(up);
  const {
    onboarded,
    applied,
    packages: copy,
  } = await previewApply(await openPackageStore(), packages, services, existing, {
    site,
    sites: substrate?.sites ?? null,
  });
  if (refused(onboarded, format)) return;
  const fresh = onboarded.filter(({ outcome }) => outcome !== 'unchanged');
  const changes = [
    ...fresh.map(({ descriptor, outcome }) => ({
      service: '',
      about: `package ${descriptor?.kind}/${descriptor?.id}`,
      change: `would be ${outcome}`,
    })),
    ...applied.flatMap((each, index) =>
      each.changes.map((change) => ({ service: services[index]?.name ?? '', ...change })),
    ),
  ];
  for (const file of up === undefined ? [] : services)
    changes.push(...(await controlChanges(up, { file, existing, packages: copy, site, substrate })));
  if (changes.length === 0) note('nothing would change');
  printListing({ rows: changes, columns: ['service', 'about', 'change'] }, format);
}

/** Whether packages stand in the way: then that is told as `package onboard` tells it. */
function refused(onboarded: readonly Onboarded[], format: OutputFormat): boolean {
  if (onboarded.every(({ outcome }) => outcome !== 'refused')) return false;
  printResults(onboarded, format);
  return true;
}
