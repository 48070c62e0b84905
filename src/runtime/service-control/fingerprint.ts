import type { ServiceInstance } from '../../protocol/service-record.ts';

/** All of a service that its control agents are worked out from, as text to compare. */
export function fingerprintOf({ wanted, flavour, packages, shape }: ServiceInstance): string {
  const units = shape.units.map(({ vnf, vdu, site, host, state }) => [
    vnf,
    vdu,
    site,
    host,
    state === 'stopping',
  ]);
  const vnfs = shape.vnfs.map(({ id, levels }) => [id, levels]);
  return JSON.stringify([wanted, flavour, packages, vnfs, units]);
}
