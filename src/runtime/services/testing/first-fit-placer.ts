import type { NodeName } from '../../../protocol/ids.ts';
import type { Placement } from '../../../protocol/service-graph.ts';
import type { Host } from '../../../protocol/substrate.ts';
import type { Placer } from '../placer.ts';

type Place = Placement['units'][number] & { readonly vcpus: number };

/** A placer for tests: its books can be looked at. */
export interface BenchPlacer extends Placer {
  /** Units by host, over all services. */
  booked(): Readonly<Record<string, readonly string[]>>;
}

/** The first host with room. */
export function createFirstFitPlacer(hosts: readonly Host[]): BenchPlacer {
  const books = new Map<string, Place>();
  const free = (host: Host) =>
    host.vcpus -
    [...books.values()].filter((each) => each.host === host.name).reduce((sum, { vcpus }) => sum + vcpus, 0);
  const book = (service: string, { unit, host, site }: Placement['units'][number], vcpus: number) => {
    books.set(`${service}\n${unit}`, { unit, host, site, vcpus });
  };
  return {
    place: async ({ graph, keep, avoidSites }) => {
      const placed: Placement['units'] = [...keep];
      const fresh: string[] = [];
      for (const unit of graph.units) {
        if (placed.some((each) => each.unit === unit.id)) continue;
        const known = books.get(`${graph.service}\n${unit.id}`);
        const may = (site: NodeName) =>
          !avoidSites.includes(site) && (unit.sites.length === 0 || unit.sites.includes(site));
        const apart = unit.antiAffinity.map(({ group }) => group);
        const shunned = placed
          .filter((each) =>
            graph.units.some(
              (one) => one.id === each.unit && one.antiAffinity.some(({ group }) => apart.includes(group)),
            ),
          )
          .map(({ host }) => host);
        const host =
          known ??
          hosts
            .filter(({ name, site }) => may(site) && !shunned.includes(name))
            .map((each) => ({ each, room: free(each) }))
            .find(({ room }) => room >= unit.demand.vcpus)?.each;
        if (host === undefined) {
          for (const each of fresh) books.delete(`${graph.service}\n${each}`);
          return { kind: 'refused', reasons: [`no host has ${unit.demand.vcpus} vCPU free for ${unit.id}`] };
        }
        const at = { unit: unit.id, host: 'name' in host ? host.name : host.host, site: host.site };
        book(graph.service, at, unit.demand.vcpus);
        placed.push(at);
        fresh.push(unit.id);
      }
      return { kind: 'placed', placement: { service: graph.service, units: placed, links: [] } };
    },
    offer: async () => ({
      kind: 'refused',
      reasons: ['whoever takes the first host asks nobody for another'],
    }),
    release: async (service, units) => {
      for (const [key, { unit }] of books) {
        if (key.startsWith(`${service}\n`) && (units === undefined || units.includes(unit)))
          books.delete(key);
      }
    },
    lower: async () => {},
    adopt: async (all) => {
      books.clear();
      for (const { graph, placement } of all) {
        for (const at of placement.units) {
          book(graph.service, at, graph.units.find(({ id }) => id === at.unit)?.demand.vcpus ?? 0);
        }
      }
      return [];
    },
    booked: () => {
      const byHost: Record<string, string[]> = {};
      for (const { unit, host } of books.values()) {
        const units = byHost[host] ?? [];
        byHost[host] = [...units, unit].toSorted();
      }
      return byHost;
    },
  };
}
