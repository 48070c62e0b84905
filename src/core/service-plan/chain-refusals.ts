import type { FlowMatch, ForwardingPath, Nsd, ServiceFlavour, Vdu } from '../../protocol/descriptors.ts';
import { interfacesOf, serviceLinkName } from './interfaces.ts';
import { hopsOf, type PlannedHop } from './path-hops.ts';
import type { PlanRefusal } from './refusal.ts';
import type { PlannedVnf } from './resolve-vnfs.ts';

/** Hops that a chain may have at most. */
const MOST_HOPS = 32;

type Input = { readonly nsd: Nsd; readonly vnfs: readonly PlannedVnf[] };
type Interface = ReturnType<typeof interfacesOf>[number];

/** Everything of the forwarding graphs that cannot be made real; all of it is known before anything runs. */
export function chainRefusals({ nsd, vnfs }: Input, flavour: ServiceFlavour): readonly PlanRefusal[] {
  const runs = (member: string) =>
    vnfs.some((each) => each.member.id === member && each.vnfd.cannotRun.length === 0);
  const asked = flavour.members.filter(({ minInstances }) => minInstances > 0);
  const unresolved = new Set(asked.flatMap(({ id }) => (runs(id) ? [] : [id])));
  return nsd.forwardingGraphs.flatMap(({ paths }) =>
    paths.flatMap((path) => {
      // Of a member that cannot run, or is not there, that alone is said.
      if (path.steps.some(({ member }) => unresolved.has(member))) return [];
      const { hops, refusals } = hopsOf(path, vnfs);
      return [...refusals, ...hopRefusals(path, hops, { nsd, vnfs }), ...flowRefusals(path, { nsd, vnfs })];
    }),
  );
}

function hopRefusals(path: ForwardingPath, hops: readonly PlannedHop[], input: Input): PlanRefusal[] {
  const found: PlanRefusal[] = [];
  const about = `forwarding path ${path.id}`;
  const joined = hops.map((hop) => {
    const faces = interfacesOfHop(hop, input);
    const linkOf = (name: string) => faces.find((each) => each.name === name)?.link;
    for (const name of new Set([hop.ingress, hop.egress])) {
      if (linkOf(name) !== undefined) continue;
      found.push({
        about: `${about}, member ${hop.vnf}`,
        reason: `the interface ${name} of its VDU ${hop.vdu} is joined to no virtual link`,
        mend: 'join its ext-cpd to a virtual link in virtual-link-connectivity, or name another point',
      });
    }
    return { hop, into: linkOf(hop.ingress), from: linkOf(hop.egress) };
  });
  for (const [index, { hop, into }] of joined.entries()) {
    const before = joined[index - 1];
    const apart = before?.from !== undefined && into !== undefined && before.from !== into;
    if (apart) {
      found.push({
        about,
        reason: `${before.hop.vnf} sends to the virtual link ${before.from}, and ${hop.vnf} listens at ${into}`,
        mend: 'name an egress and an ingress that share one',
      });
    }
    if (hops.findIndex((each) => each.vnf === hop.vnf && each.vdu === hop.vdu) < index) {
      found.push({
        about,
        reason: `the VDU ${hop.vdu} of ${hop.vnf} is in it twice`,
        mend: 'each unit can be one hop of a chain',
      });
    }
  }
  if (hops.length > MOST_HOPS) {
    const reason = `it has ${hops.length} hops, and a chain has at most ${MOST_HOPS}`;
    found.push({ about, reason, mend: 'split it into several paths' });
  }
  return found;
}

/** What flows match has to tell what goes from what comes back. */
function flowRefusals(path: ForwardingPath, input: Input): PlanRefusal[] {
  const about = `forwarding path ${path.id}`;
  if (path.steps.length === 0) return [];
  if (path.matches.length === 0) {
    const reason = 'it names no flows: what goes could not be told from what comes back';
    return [{ about, reason, mend: DIRECTED }];
  }
  return path.matches.flatMap((match) => {
    const from = match.source === undefined && match.from !== undefined ? sourceOf(match.from, input) : null;
    if (from === undefined) {
      const reason = `flows ${match.id} come from ${match.from}, which is on no virtual link that carries data`;
      return [{ about, reason, mend: 'join it to one, or give a source-ip-address' }];
    }
    // An address that is given when the unit starts is some address.
    const source = match.source ?? (from === null ? undefined : (from.address ?? 'its own'));
    return isDirected({ ...match, source })
      ? []
      : [{ about, reason: `the two directions of flows ${match.id} cannot be told apart`, mend: DIRECTED }];
  });
}

const DIRECTED = 'match-attributes: match an address or a port of one end';

function isDirected({ source, destination, sourcePort, destinationPort }: FlowMatch): boolean {
  return source !== destination || sourcePort !== destinationPort;
}

/** Where flows come out of a member: its first interface on a network that is not for management. */
function sourceOf(member: string, { nsd, vnfs }: Input): Interface | undefined {
  const data = nsd.links.flatMap(({ id, management }) => (management ? [] : [serviceLinkName(id)]));
  const vnf = vnfs.find((each) => each.member.id === member);
  const faces = (vnf?.vdus ?? []).flatMap(({ vdu }) => facesOf(vnf, vdu, nsd));
  return faces.find(({ link }) => data.includes(link));
}

function interfacesOfHop({ vnf: id, vdu }: PlannedHop, { nsd, vnfs }: Input): readonly Interface[] {
  const vnf = vnfs.find((each) => each.id === id);
  return facesOf(
    vnf,
    vnf?.vnfd.vdus.find((each) => each.id === vdu),
    nsd,
  );
}

function facesOf(vnf: PlannedVnf | undefined, vdu: Vdu | undefined, nsd: Nsd): readonly Interface[] {
  return vnf === undefined || vdu === undefined ? [] : interfacesOf(vnf, vdu, nsd, true);
}
