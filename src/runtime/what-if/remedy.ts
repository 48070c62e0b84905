import { MusterError } from '../../protocol/errors.ts';
import { nodeName } from '../../protocol/ids.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import { type ServiceFile, ServiceFileSchema } from '../../protocol/service-file.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { WhatIfChange, WhatIfRemedy } from '../../protocol/what-if.ts';
import type { ServiceOperations } from '../services/operations.ts';
import { servicesOf } from './change-sites.ts';

type Services = Pick<ServiceOperations, 'list' | 'apply'>;

interface Remedy {
  readonly service: ServiceInstance;
  readonly file: ServiceFile;
  readonly says: string;
}

interface Found {
  readonly remedies: readonly Remedy[];
  /** Of what cannot be done. */
  readonly not: readonly string[];
}

/** What of a change can be prepared for in the live network, and how; nothing is changed. */
export async function remedyFor(
  change: WhatIfChange,
  services: Services | undefined,
  sites: readonly string[],
): Promise<WhatIfRemedy> {
  const { remedies, not } = await find(change, services, sites);
  const planned: string[] = [];
  for (const { service, file, says } of remedies) {
    planned.push(`${service.name}: ${says}`);
    try {
      const { changes } = (await services?.apply({ service: file, dryRun: true })) ?? { changes: [] };
      planned.push(...changes.slice(0, 20).map(({ about, change: what }) => `${about}: ${what}`));
    } catch (error) {
      planned.push(`${service.name} as it is now cannot be changed so: ${inWords(error)}`);
    }
  }
  return {
    possible: remedies.length > 0,
    says: [...planned, ...not].map((each) => each.slice(0, 2000)).slice(0, 200),
  };
}

export interface Begun {
  readonly service: string;
  /** Undefined: there was nothing to do, or it was refused, as `change` says. */
  readonly operation: Operation | undefined;
  readonly change: string;
}

/**
 * Does it, by the operations that services have anyway; what one of several services refuses is told beside what has begun.
 * @throws CONFLICT when nothing can be done; what the first service refuses when nothing has begun.
 */
export async function applyRemedy(
  change: WhatIfChange,
  services: Services | undefined,
  sites: readonly string[],
): Promise<readonly Begun[]> {
  const { remedies, not } = await find(change, services, sites);
  if (services === undefined || remedies.length === 0) {
    throw new MusterError('CONFLICT', not.join('; ') || 'there is nothing to be applied', {
      hint: 'throw the what-if away, or ask another',
    });
  }
  const begun: Begun[] = [];
  for (const { service, file, says } of remedies) {
    try {
      const { operation } = await services.apply({ service: file });
      begun.push({ service: service.name, operation, change: says });
    } catch (error) {
      if (begun.length === 0) throw error;
      const change = `was not changed: ${inWords(error)}`.slice(0, 2000);
      begun.push({ service: service.name, operation: undefined, change });
    }
  }
  return begun;
}

async function find(
  change: WhatIfChange,
  services: Services | undefined,
  sites: readonly string[],
): Promise<Found> {
  if (change.kind === 'attack')
    return { remedies: [], not: ['an attack is nothing that is applied to a network'] };
  if (services === undefined) {
    return { remedies: [], not: ['nobody manages services here: there is nothing that could be changed'] };
  }
  const running = (await services.list()).filter(({ state }) => state === 'INSTANTIATED');
  if (change.kind === 'lose-site') return drain(running, change.site, sites);
  return raise(servicesOf(running, change.of), change.factor);
}

/** What runs at a site is to run at others: new units are there before the old ones stop. */
function drain(services: readonly ServiceInstance[], site: string, sites: readonly string[]): Found {
  const remedies: Remedy[] = [];
  const not: string[] = [];
  for (const service of services) {
    const { units, vnfs } = service.shape;
    const there = new Set(units.filter((unit) => unit.site === site).map(({ vnf }) => vnf));
    if (there.size === 0) continue;
    const members = new Set(vnfs.filter(({ id }) => there.has(id)).map(({ member }) => member));
    const wishes = { ...service.wanted.members };
    const stuck: string[] = [];
    for (const member of members) {
      const left = (wishes[member]?.sites ?? sites).filter((each) => each !== site);
      if (left.length === 0) stuck.push(member);
      else wishes[member] = { ...wishes[member], sites: left.map(nodeName) };
    }
    if (stuck.length > 0) {
      not.push(`${service.name}: ${stuck.join(', ')} may run at ${site} alone`);
      continue;
    }
    const says = `${[...members].join(', ')} may not run at ${site} any more, until its service file says otherwise`;
    remedies.push({ service, file: ServiceFileSchema.parse({ ...service.wanted, members: wishes }), says });
  }
  if (remedies.length + not.length === 0) not.push(`nothing runs at ${site}`);
  return { remedies, not };
}

/** More is booked between its units, along the ways that they have. */
function raise(services: readonly ServiceInstance[], factor: number): Found {
  const remedies: Remedy[] = [];
  const not: string[] = [];
  for (const service of services) {
    const { wanted } = service;
    const stated = Object.entries(wanted.traffic ?? {}).filter(([, each]) => each.bytesPerSec !== undefined);
    if (stated.length === 0) {
      not.push(
        `${service.name}: its service file states no traffic that could be raised; muster service scale ${service.name}`,
      );
      continue;
    }
    const more = stated.map(([name, each]) => [
      name,
      { ...each, bytesPerSec: (each.bytesPerSec ?? 0) * factor },
    ]);
    const traffic = { ...wanted.traffic, ...Object.fromEntries(more) };
    const says = `traffic of ${stated.map(([name]) => name).join(', ')} is raised ${factor} times`;
    remedies.push({ service, file: ServiceFileSchema.parse({ ...wanted, traffic }), says });
  }
  return { remedies, not };
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
