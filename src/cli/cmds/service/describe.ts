import type { Command } from 'commander';
import { whatWentWrong } from '../../../core/lifecycle/operation-machine.ts';
import type { ServiceControlView } from '../../../protocol/service-control.ts';
import type { ServiceInstance } from '../../../protocol/service-record.ts';
import { example } from '../../example.ts';
import { outputFormat, printThing } from '../../printer.ts';
import { serviceClient, serviceNamed } from './service-in.ts';

export function addDescribe(parent: Command): void {
  parent
    .command('describe')
    .argument('<service>', 'its name or id')
    .description('what runs of a service and where, its chains, levels, and what waits')
    .option('-o, --output <format>', 'table (words), json, jsonl or yaml', 'table')
    .addHelpText('after', example('muster service describe shop'))
    .action(async (typed: string, flags: { output: string }) => {
      const format = outputFormat(flags.output);
      const client = serviceClient();
      const service = await serviceNamed(client, typed);
      const operations = await client.operations(service.id);
      const latest = operations.slice(0, 5).map((each) => ({
        id: each.id,
        kind: each.params.kind,
        state: each.state,
        automatic: each.automatic,
        reason: each.reason,
        error: whatWentWrong(each) ?? null,
        startedAt: new Date(each.startedAtMs).toISOString(),
      }));
      const control = await client.control(service.id);
      const words = [
        ...serviceInWords(service),
        ...section('Control agents', controlInWords(control)),
        ...section(
          'Operations',
          latest.flatMap(({ startedAt, kind, state, reason, error, id }) => [
            `${startedAt} ${kind} ${state}: ${reason} (${id})`,
            ...(error === null ? [] : [`  = ${error}`]),
          ]),
        ),
      ];
      printThing({ ...service, control, operations: latest }, words, format);
    });
}

function serviceInWords({
  name,
  state,
  nsdId,
  flavour,
  shape,
  notes,
  alarms,
  onPartition,
  partitionGraceMs,
  id,
}: ServiceInstance): readonly string[] {
  return [
    `${name}: ${state}, after the NSD ${nsdId} in the flavour ${flavour} (${id})`,
    `a site that is silent for ${partitionGraceMs / 1000} s: ${onPartition}`,
    ...section('Waiting', notes),
    ...section(
      'Alarms',
      alarms.map(({ vnf, vdu, alarm, state: is, reason }) => `${alarm} of ${vnf}/${vdu}: ${is}, ${reason}`),
    ),
    ...section(
      'Functions',
      shape.vnfs.map((vnf) => {
        const levels = Object.entries(vnf.levels).map(([aspect, level]) => `${aspect} at level ${level}`);
        return `${vnf.id}: ${vnf.vnfdId}${levels.length === 0 ? '' : `, ${levels.join(', ')}`}`;
      }),
    ),
    ...section(
      'Units',
      shape.units.map((unit) => {
        const addresses = Object.entries(unit.addresses).map(([face, address]) => `${face} ${address}`);
        const reason = unit.reason === null ? '' : ` (${unit.reason})`;
        return `${unit.unit.id}: ${unit.state}${reason} on ${unit.host ?? '?'} at ${unit.site ?? '?'}${addresses.length === 0 ? '' : `, ${addresses.join(', ')}`}`;
      }),
    ),
    ...section(
      'Chains',
      shape.chains.map(({ id: chain, match, hops }) => {
        const flows = Object.entries(match).map(([part, value]) => `${part} ${value}`);
        const through = hops.map(({ unit }) => unit.slice(unit.indexOf('/') + 1)).join(' > ');
        return `${chain.slice(chain.indexOf('/') + 1)}: ${flows.join(', ') || 'all flows'}: ${through}`;
      }),
    ),
  ];
}

function controlInWords({ control, pipeline, state, lacks, agents }: ServiceControlView): readonly string[] {
  if (control === 'none' && pipeline === null) return [];
  return [
    `${state === 'waiting' ? 'they wait until it is instantiated, and not being changed' : state}, as the pipeline ${pipeline}${control === 'none' ? ', which an operator has applied' : ''}`,
    ...lacks.flatMap(({ reason, mend }) => [`lacking: ${reason}`, `  = ${mend}`]),
    ...agents.map(({ name, host, site, capabilities, attested, keyed }) => {
      const trust = attested
        ? keyed
          ? 'attested'
          : 'attested, without the group key yet'
        : 'not attested yet';
      return `${name}: ${trust}, on ${host} at ${site}: ${capabilities.join(', ')}`;
    }),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', `${title}:`, ...lines.map((line) => `  ${line}`)];
}
