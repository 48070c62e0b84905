import type { UnitPort } from '../../ports/virtual-link-plane.ts';
import type { ServiceInstance, UnitRecord } from '../../protocol/service-record.ts';
import type { WatchedPort } from '../service-links/watched-ports.ts';

/** The port at which people reach a service. */
export type Entry = UnitPort;

/** Where flows end that are led through its chains; of a service without chains, at the last of its functions that serves others. */
export function entryOf(service: ServiceInstance, ports: readonly WatchedPort[]): Entry | undefined {
  const { shape } = service;
  const own = ports.filter((port) => port.service === service.name);
  const last = shape.chains.map(({ hops }) => hops.at(-1)).find((hop) => hop !== undefined);
  const led = own.find((port) => port.unit === last?.unit && port.interface === last.ingress);
  if (led !== undefined) return led;
  const unit = shape.units.toReversed().find((each) => !isClient(each) && each.state === 'running');
  return own.findLast((port) => port.unit === (last?.unit ?? unit?.id));
}

/** A client of the catalogue asks others. */
function isClient({ recipe: { image } }: UnitRecord): boolean {
  return 'catalogue' in image && image.catalogue === 'client';
}
