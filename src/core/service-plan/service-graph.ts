import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ServiceGraph, UnitLink } from '../../protocol/service-graph.ts';
import type { UnitRecord } from '../../protocol/service-record.ts';
import { internalLinkName, serviceLinkName } from './interfaces.ts';
import { hopsOf } from './path-hops.ts';
import type { ServicePlan } from './plan-service.ts';

/** What is booked for a link or path of which the operator says nothing: 1 Mbit/s, so that neighbours are drawn together. */
export const USUAL_BYTES_PER_SEC = 125_000;

interface Neighbours {
  /** Units of one VDU each. */
  readonly left: readonly UnitRecord[];
  readonly right: readonly UnitRecord[];
  readonly bytesPerSec: number;
  readonly maxLatencyMs: number | undefined;
}

/**
 * A service as placement sees it: what flows between units next to one another on a forwarding path, and between those joined to one
 * virtual link that no path joins already. Networks for management carry little and bind nobody.
 */
export function serviceGraph(
  service: string,
  plan: ServicePlan,
  units: readonly UnitRecord[],
  wanted: ServiceFile,
): ServiceGraph {
  const unitsOf = (vnf: string, vdu: string) =>
    units.filter((each) => each.vnf === vnf && each.vdu === vdu).toSorted((a, b) => a.index - b.index);
  const traffic = (name: string) => ({
    bytesPerSec: wanted.traffic?.[name]?.bytesPerSec ?? USUAL_BYTES_PER_SEC,
    maxLatencyMs: wanted.traffic?.[name]?.maxLatencyMs,
  });
  const joined = new Set<string>();
  const onPaths = plan.nsd.forwardingGraphs.flatMap(({ paths }) =>
    paths.flatMap((path): readonly Neighbours[] => {
      const { hops } = hopsOf(path, plan.vnfs);
      return hops.slice(1).map((hop, index) => {
        const before = hops[index] ?? hop;
        joined.add(pair(`${before.vnf}/${before.vdu}`, `${hop.vnf}/${hop.vdu}`));
        return {
          left: unitsOf(before.vnf, before.vdu),
          right: unitsOf(hop.vnf, hop.vdu),
          ...traffic(path.id),
        };
      });
    }),
  );
  const onLinks = linksOf(plan).flatMap(({ name, link }): readonly Neighbours[] => {
    const groups = plan.groups.filter(({ firstRecipe }) =>
      firstRecipe.interfaces.some((each) => each.link === link),
    );
    return groups.slice(1).flatMap((group, index): readonly Neighbours[] => {
      const before = groups[index] ?? group;
      if (joined.has(pair(`${before.vnf.id}/${before.vdu.id}`, `${group.vnf.id}/${group.vdu.id}`))) return [];
      return [
        {
          left: unitsOf(before.vnf.id, before.vdu.id),
          right: unitsOf(group.vnf.id, group.vdu.id),
          ...traffic(name),
        },
      ];
    });
  });
  return {
    service,
    units: units.map(({ unit }) => unit),
    links: merged([...onPaths, ...onLinks].flatMap(linksBetween)),
    spread: false,
  };
}

/** Virtual links that count for placement, by the name an operator knows them by and the name within the service. */
function linksOf({ nsd, vnfs }: ServicePlan) {
  return [
    ...nsd.links
      .filter(({ management }) => !management)
      .map(({ id }) => ({ name: id, link: serviceLinkName(id) })),
    ...vnfs.flatMap(({ id, vnfd }) =>
      vnfd.virtualLinks.map((name) => ({ name, link: internalLinkName(id, name) })),
    ),
  ];
}

/** Each unit with one of the other side, in turn; what flows is shared out among them. */
function linksBetween({ left, right, bytesPerSec, maxLatencyMs }: Neighbours): readonly UnitLink[] {
  const most = left.length === 0 || right.length === 0 ? 0 : Math.max(left.length, right.length);
  return Array.from({ length: most }, (_, index) => {
    const a = left[index % left.length]?.unit.id ?? '';
    const b = right[index % right.length]?.unit.id ?? '';
    return {
      id: pair(a, b),
      ends: a < b ? [a, b] : [b, a],
      bytesPerSec: bytesPerSec / most,
      ...(maxLatencyMs === undefined ? {} : { maxLatencyMs }),
    } satisfies UnitLink;
  }).filter(({ ends: [a, b] }) => a !== b);
}

/** Between two units there is one link: the sum of what flows, the tightest of the bounds. */
function merged(links: readonly UnitLink[]): UnitLink[] {
  const byId = new Map<string, UnitLink>();
  for (const link of links) {
    const before = byId.get(link.id);
    const bounds = [before?.maxLatencyMs, link.maxLatencyMs].filter((each) => each !== undefined);
    byId.set(link.id, {
      ...link,
      bytesPerSec: link.bytesPerSec + (before?.bytesPerSec ?? 0),
      ...(bounds.length === 0 ? {} : { maxLatencyMs: Math.min(...bounds) }),
    });
  }
  return [...byId.values()];
}

function pair(a: string, b: string): string {
  return a < b ? `${a}~${b}` : `${b}~${a}`;
}
