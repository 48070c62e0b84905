import type { AffinityGroup, ServiceFlavour } from '../../protocol/descriptors.ts';
import type { ServiceGraph } from '../../protocol/service-graph.ts';
import type { PlannedVnf } from './resolve-vnfs.ts';

type Group = ServiceGraph['units'][number]['affinity'][number];

/** Groups that a unit keeps together with, and apart from: of its VDU, of its member, and of what the operator wishes. */
export function groupsOf(
  vnf: PlannedVnf,
  vduGroups: readonly string[],
  flavour: ServiceFlavour,
): { readonly affinity: Group[]; readonly antiAffinity: Group[] } {
  const named = [
    ...vduGroups.flatMap((id) => found(vnf.flavour.groups, id, `${vnf.id}/${id}`)),
    ...vnf.member.groups.flatMap((id) => found(flavour.groups, id, `service/${id}`)),
  ];
  const apart =
    vnf.wishes.hostsApart === true ? [{ group: `apart/${vnf.member.id}`, scope: 'host' as const }] : [];
  const of = (kind: AffinityGroup['kind']) =>
    named.flatMap((each) => (each.kind === kind ? [each.group] : []));
  return { affinity: of('affinity'), antiAffinity: [...of('anti-affinity'), ...apart] };
}

function found(groups: readonly AffinityGroup[], id: string, name: string) {
  const group = groups.find((each) => each.id === id);
  if (group === undefined) return [];
  // ETSI's scopes: an NFVI node is a host; zone, zone group and NFVI-PoP are a site, which has no smaller parts here.
  const host = group.scope === undefined || /node|host/i.test(group.scope);
  return [{ kind: group.kind, group: { group: name, scope: host ? ('host' as const) : ('site' as const) } }];
}
