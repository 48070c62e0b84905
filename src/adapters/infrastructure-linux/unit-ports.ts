import type { HeldUnit } from './held-unit.ts';
import { siteNamespace } from './names.ts';

/** Where a unit is joined to a virtual link: a device at the switch of its site. */
export interface PortOfUnit {
  readonly unit: string;
  readonly interface: string;
  readonly namespace: string;
  readonly port: string;
  /** A process in the network of the unit. */
  readonly pid: number;
  readonly address: string;
}

/** Of those of these units that run. */
export function portsOf(units: readonly HeldUnit[], instance: string): readonly PortOfUnit[] {
  return units.flatMap(({ state, record }): readonly PortOfUnit[] => {
    const { order, site, process: own, interfaces } = record;
    if (state !== 'running' || own === undefined) return [];
    const namespace = siteNamespace(instance, site);
    return interfaces.map(({ name, port, address }) => {
      return { unit: order.id, interface: name, namespace, port, pid: own.pid, address };
    });
  });
}
