import type { FlowMatch } from '../../protocol/descriptors.ts';
import type { ChainRecord, UnitRecord } from '../../protocol/service-record.ts';
import { serviceLinkName } from './interfaces.ts';
import { hopsOf } from './path-hops.ts';
import type { ServicePlan } from './plan-service.ts';

/**
 * A chain for each class of flows (`match-attributes`) of each forwarding path. Where a VDU has several units they share its flows, unless
 * these are addressed to one of them. A path that names no flows takes all.
 */
export function serviceChains(
  service: string,
  plan: ServicePlan,
  units: readonly UnitRecord[],
): readonly ChainRecord[] {
  const unitsOf = (vnf: string, vdu: string) =>
    units.filter((each) => each.vnf === vnf && each.vdu === vdu).toSorted((a, b) => a.index - b.index);
  return plan.nsd.forwardingGraphs.flatMap((graph) =>
    graph.paths.flatMap((path) => {
      const { hops } = hopsOf(path, plan.vnfs);
      const all: FlowMatch = { ...NO_MATCH, id: 'all' };
      return (path.matches.length === 0 ? [all] : path.matches).flatMap((match): readonly ChainRecord[] => {
        const taken = hops.map(({ vnf, vdu, ingress, egress }) => {
          const among = unitsOf(vnf, vdu);
          const meant = among.find((each) => hasAddress(each, match.destination));
          const [unit, ...others] = (meant === undefined ? among : [meant]).map(({ id }) => id);
          return { unit, ...(others.length === 0 ? {} : { beside: others }), ingress, egress };
        });
        const whole = taken.flatMap(({ unit, ...rest }) => (unit === undefined ? [] : [{ unit, ...rest }]));
        if (whole.length === 0 || whole.length < taken.length) return [];
        const id = [service, graph.id, path.id, match.id].map(encodeURIComponent).join('/');
        return [{ id, match: matchOf(match), from: sourceOf(match, plan, units), hops: whole }];
      });
    }),
  );
}

/** Whether it is asked for at that address: nobody else can answer there. */
function hasAddress({ recipe }: UnitRecord, wanted: string | undefined): boolean {
  return wanted !== undefined && recipe.interfaces.some(({ address }) => address?.split('/')[0] === wanted);
}

const NO_MATCH = {
  protocol: undefined,
  source: undefined,
  destination: undefined,
  sourcePort: undefined,
  destinationPort: undefined,
  from: undefined,
};

function matchOf(match: FlowMatch): ChainRecord['match'] {
  const { protocol, source, destination, sourcePort, destinationPort } = match;
  return {
    ...(protocol === undefined ? {} : { protocol }),
    ...(source === undefined ? {} : { source }),
    ...(destination === undefined ? {} : { destination }),
    ...(sourcePort === undefined ? {} : { sourcePort }),
    ...(destinationPort === undefined ? {} : { destinationPort }),
  };
}

/** Flows that are only said to come from a member have the address that it has on a network which is not for management. */
function sourceOf(
  { source, from }: FlowMatch,
  { vnfs, nsd }: ServicePlan,
  units: readonly UnitRecord[],
): ChainRecord['from'] {
  const vnf = vnfs.find((each) => each.member.id === from);
  if (vnf === undefined || source !== undefined) return null;
  const data = nsd.links.flatMap(({ id, management }) => (management ? [] : [serviceLinkName(id)]));
  for (const unit of units.filter((each) => each.vnf === vnf.id)) {
    const face = unit.recipe.interfaces.find(({ link }) => data.includes(link));
    if (face !== undefined) return { unit: unit.id, interface: face.name };
  }
  return null;
}

/** The chain with the addresses that its units have now; undefined: the unit that flows come from has none yet. */
export function chainMatch(
  chain: ChainRecord,
  addressOf: (unit: string, name: string) => string | undefined,
): ChainRecord['match'] | undefined {
  if (chain.from === null) return chain.match;
  const source = addressOf(chain.from.unit, chain.from.interface);
  return source === undefined ? undefined : { ...chain.match, source };
}
