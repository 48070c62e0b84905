import type { ConnectionPoint, ExternalPoint, Nsd, Vdu } from '../../protocol/descriptors.ts';
import type { UnitRecipe } from '../../protocol/service-record.ts';
import type { PlannedVnf } from './resolve-vnfs.ts';

type Interface = UnitRecipe['interfaces'][number];

/** Names of networks within a service: `link` of the NSD, `vnf/link` of a VNFD; names are escaped, so `/` only separates. */
export function serviceLinkName(link: string): string {
  return encodeURIComponent(link);
}

export function internalLinkName(vnf: string, link: string): string {
  return `${encodeURIComponent(vnf)}/${encodeURIComponent(link)}`;
}

/** What a connection point is called within its unit. */
export function interfaceName(point: ConnectionPoint): string {
  return point.interfaceName ?? point.id;
}

/**
 * The interfaces of a unit in their order, each with the virtual link that it is joined to; a point that nothing is joined to has none.
 * An address that the NSD gives goes to the first instance alone: two cannot have it.
 */
export function interfacesOf(vnf: PlannedVnf, vdu: Vdu, nsd: Nsd, first: boolean): readonly Interface[] {
  const inOrder = vdu.connectionPoints
    .map((point, index) => ({ point, rank: point.position ?? 1_000 + index }))
    .toSorted((a, b) => a.rank - b.rank);
  return inOrder.flatMap(({ point }): readonly Interface[] => {
    const name = interfaceName(point);
    if (point.virtualLink !== undefined) {
      return [{ name, link: internalLinkName(vnf.id, point.virtualLink), point: point.id }];
    }
    const outer = vnf.vnfd.externalPoints.find((each) => each.vdu === vdu.id && each.point === point.id);
    const connection = vnf.member.connections.find((each) => each.point === outer?.id);
    if (connection === undefined || !nsd.links.some(({ id }) => id === connection.link)) return [];
    const address = first ? connection.address : undefined;
    return [
      {
        name,
        link: serviceLinkName(connection.link),
        point: point.id,
        ...(address === undefined ? {} : { address }),
      },
    ];
  });
}

/** Which VDU is behind an external connection point, and by which interface; undefined: none. */
export function behindPoint(
  vnf: PlannedVnf,
  name: string,
): { readonly vdu: Vdu; readonly interface: string } | undefined {
  const outer = vnf.vnfd.externalPoints.find(({ id }) => id === name);
  if (outer === undefined) return undefined;
  for (const vdu of vnf.vnfd.vdus) {
    const point = vdu.connectionPoints.find((each) => leadsTo(outer, vdu, each));
    if (point !== undefined) return { vdu, interface: interfaceName(point) };
  }
  return undefined;
}

/** An external point stands for a point of a VDU, or opens an internal link, behind which is whoever is joined to it. */
function leadsTo(outer: ExternalPoint, vdu: Vdu, point: ConnectionPoint): boolean {
  if (outer.vdu !== undefined) return outer.vdu === vdu.id && outer.point === point.id;
  return outer.virtualLink !== undefined && point.virtualLink === outer.virtualLink;
}
