import type { ForwardingGraph, Nsd, ServiceFlavour, ServiceMember } from '../../protocol/descriptors.ts';
import type { Sol006Nsd } from '../../protocol/sol006/nsd.ts';
import type { Sol006Vnffgd } from '../../protocol/sol006/vnffgd.ts';
import { readGroup } from './read-flavour.ts';

type Sol006NsFlavour = Sol006Nsd['df'][number];

/** An NSD as we use it, from one that has been checked. */
export function readNsd(nsd: Sol006Nsd): Nsd {
  const profiles = nsd.df.flatMap((flavour) => flavour['virtual-link-profile'] ?? []);
  return {
    kind: 'nsd',
    id: nsd.id,
    invariantId: nsd['invariant-id'] || nsd.id,
    name: nsd.name ?? nsd.id,
    version: nsd.version ?? '1.0',
    description: nsd.description ?? '',
    vnfdIds: nsd['vnfd-id'] ?? [],
    links: (nsd['virtual-link-desc'] ?? []).map((link) => ({
      id: link.id,
      management: link['mgmt-network'] ?? false,
      siteNetwork: link['vim-network-name'],
      cidr: profiles.find((profile) => profile['virtual-link-desc-id'] === link.id)?.[
        'virtual-link-protocol-data'
      ]?.['l3-protocol-data']?.cidr,
    })),
    flavours: nsd.df.map(readServiceFlavour),
    forwardingGraphs: (nsd.vnffgd ?? []).map(readGraph),
  };
}

function readServiceFlavour(flavour: Sol006NsFlavour): ServiceFlavour {
  return {
    id: flavour.id,
    members: (flavour['vnf-profile'] ?? []).map((profile) => readMember(flavour, profile)),
    groups: (flavour['affinity-or-anti-affinity-group'] ?? []).map(readGroup),
  };
}

type Sol006Profile = NonNullable<Sol006NsFlavour['vnf-profile']>[number];

function readMember(flavour: Sol006NsFlavour, profile: Sol006Profile): ServiceMember {
  const minInstances = profile['min-number-of-instances'] ?? 1;
  // A profile of a link stands for it; many files name the link itself.
  const linkOf = (name: string) =>
    flavour['virtual-link-profile']?.find((each) => each.id === name)?.['virtual-link-desc-id'] ?? name;
  return {
    id: profile.id,
    vnfdId: profile['vnfd-id'],
    flavour: profile['flavour-id'],
    level: profile['instantiation-level'],
    minInstances,
    maxInstances: Math.max(minInstances, profile['max-number-of-instances'] ?? minInstances),
    groups: profile['affinity-or-anti-affinity-group-id'] ?? [],
    connections: (profile['virtual-link-connectivity'] ?? []).flatMap((connectivity) =>
      (connectivity['constituent-cpd-id'] ?? []).map((point) => ({
        point: point['constituent-cpd-id'],
        link: linkOf(connectivity['virtual-link-profile-id']),
        address: point['ip-address'],
      })),
    ),
  };
}

function readGraph(graph: Sol006Vnffgd): ForwardingGraph {
  return {
    id: graph.id,
    members: graph['vnf-profile-id'] ?? [],
    paths: (graph.nfpd ?? []).map((path) => {
      const positions = path['position-desc-id'] ?? [];
      return {
        id: path.id,
        // Positions in the order of the file; within one, the order that it gives.
        steps: positions.flatMap((position) =>
          (position['cp-profile-id'] ?? []).flatMap((profile) =>
            (profile['constituent-profile-elements'] ?? [])
              .toSorted((a, b) => (a.order ?? 0) - (b.order ?? 0))
              .flatMap((step) => {
                const member = step['constituent-base-element-id'];
                if (member === undefined) return [];
                const ingress = step['ingress-constituent-cpd-id'];
                return [{ member, ingress, egress: step['egress-constituent-cpd-id'] ?? ingress }];
              }),
          ),
        ),
        matches: positions.flatMap((position) => (position['match-attributes'] ?? []).map(readMatch)),
      };
    }),
  };
}

type Sol006Path = NonNullable<Sol006Vnffgd['nfpd']>[number];
type Sol006Position = NonNullable<Sol006Path['position-desc-id']>[number];
type Sol006Match = NonNullable<Sol006Position['match-attributes']>[number];

function readMatch(match: Sol006Match): ForwardingGraph['paths'][number]['matches'][number] {
  return {
    id: match.id,
    protocol: match['ip-proto'],
    source: match['source-ip-address'],
    destination: match['destination-ip-address'],
    // Real files write 0 for "any": no packet comes from port 0.
    sourcePort: match['source-port'] === 0 ? undefined : match['source-port'],
    destinationPort: match['destination-port'] === 0 ? undefined : match['destination-port'],
    from: match['constituent-base-element-id'],
  };
}
