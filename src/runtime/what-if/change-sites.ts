import { MusterError } from '../../protocol/errors.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { WhatIfChange } from '../../protocol/what-if.ts';
import type { ForkedSites } from './forked-sites.ts';

/** Brings the change about in a fork, now. `untilMs`: an attack goes on until then. */
export function changeSites(sites: ForkedSites, change: WhatIfChange, untilMs: number): void {
  switch (change.kind) {
    case 'lose-site': {
      const site = sites.placing.substrate.sites.find((each) => each === change.site);
      if (site === undefined) throw noSuch('site', change.site);
      sites.loseSite(site);
      return;
    }
    case 'more-users':
      for (const service of servicesOf(sites.services, change.of))
        sites.demand.multiply(service, change.factor);
      return;
    case 'attack':
      for (const { id } of servicesOf(sites.services, change.target))
        sites.demand.audiences.get(id)?.attack(change.sources, change.ratePps, untilMs);
      return;
    default:
      change satisfies never;
  }
}

/** By id or name; undefined: all. @throws NOT_FOUND. */
export function servicesOf(
  services: readonly ServiceInstance[],
  ref: string | undefined,
): readonly ServiceInstance[] {
  if (ref === undefined) return services;
  const found = services.filter(({ id, name }) => id === ref || name === ref);
  if (found.length === 0) throw noSuch('service', ref);
  return found;
}

function noSuch(what: string, name: string): MusterError {
  return new MusterError('NOT_FOUND', `there is no ${what} ${name}`, {
    hint: what === 'site' ? 'muster status' : 'muster service list',
  });
}
