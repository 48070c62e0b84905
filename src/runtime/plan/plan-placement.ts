import { createHighsOptimum } from '../../adapters/optimum-highs/highs-optimum.ts';
import type { Chain, SiteAnswer } from '../../core/placement/chain.ts';
import { placementOf } from '../../core/placement/chain.ts';
import { lackInWords } from '../../core/placement/lacks-of.ts';
import { placeGreedily } from '../../core/placement/place-greedily.ts';
import { emptyView } from '../../core/placement/substrate-view.ts';
import { topologyOf } from '../../core/placement/topology.ts';
import { unitGraphOf } from '../../core/placement/unit-graph.ts';
import type { OptimumResult } from '../../ports/optimum.ts';
import type { BidPart } from '../../protocol/journal.ts';
import type { Placement, ServiceGraph } from '../../protocol/service-graph.ts';
import type { Substrate } from '../../protocol/substrate.ts';

/** What was answered for a unit by a site that does not get it. */
export interface Loser {
  readonly site: string;
  /** Of its bid; undefined: it refused. */
  readonly price: number | undefined;
  readonly reason: string;
}

export interface PlannedUnit {
  readonly unit: string;
  /** Undefined: nobody hosts it. */
  readonly site: string | undefined;
  readonly host: string | undefined;
  readonly price: number | undefined;
  readonly parts: readonly BidPart[];
  /** Best bid first, then refusals. */
  readonly others: readonly Loser[];
}

/** What the service would take of a host. */
export interface HostUse {
  readonly site: string;
  readonly host: string;
  readonly units: readonly string[];
  readonly vcpus: { readonly used: number; readonly total: number };
  readonly memoryMib: { readonly used: number; readonly total: number };
}

export interface PlannedService {
  readonly service: string;
  readonly placement: Placement | undefined;
  /** Units in the order in which they were put up; where nothing could be placed, as far as the best chain got. */
  readonly units: readonly PlannedUnit[];
  /** Hosts that it would run on, in the order of the sites; empty: it cannot be placed. */
  readonly hosts: readonly HostUse[];
  /** Bandwidth times hops: bytes/s. */
  readonly byteHops: number | undefined;
  /** Complete chains, and those that got stuck. */
  readonly chains: { readonly complete: number; readonly stuck: number };
  /** Asked for with `exact`. */
  readonly optimum: OptimumResult | undefined;
}

export interface PlanOptions {
  /** Chains that are tried side by side; absent: as many as agents try. */
  readonly starts?: number | undefined;
  /** Also the exact optimum, within this time; undefined: not asked for. */
  readonly exactWithinMs: number | undefined;
}

/**
 * What bargaining would come to on sites that are free, without doing it: the bids that the sites' agents would make, and the chain that
 * would win. Nothing is booked.
 */
export async function planPlacement(
  service: ServiceGraph,
  substrate: Substrate,
  { starts, exactWithinMs }: PlanOptions,
): Promise<PlannedService> {
  const topology = topologyOf(substrate);
  const graph = unitGraphOf(service);
  const options = { starts, improvements: 0, explain: true };
  const { complete, stuck } = placeGreedily(topology, emptyView(topology), service, options);
  const [best] = complete;
  const told: Chain | undefined = best ?? stuck[0];
  const units = [...(told?.places.values() ?? [])].map(({ unit, host, bid, answers }): PlannedUnit => {
    const there = topology.hosts[host];
    return {
      unit: graph.units[unit]?.id ?? '?',
      site: there?.site,
      host: there?.name,
      price: bid.price,
      parts: bid.parts,
      others: answers.flatMap((answer) => (answer.site === there?.site ? [] : [loser(answer)])),
    };
  });
  const open = told?.stuck;
  if (open !== undefined) {
    const unit = graph.units[open.unit]?.id ?? '?';
    const others = open.answers.map(loser);
    units.push({ unit, site: undefined, host: undefined, price: undefined, parts: [], others });
  }
  const placement = best === undefined ? undefined : placementOf(best, graph, topology);
  return {
    service: service.service,
    placement,
    units,
    hosts: hostsUsed(service, placement, substrate),
    byteHops: best?.byteHops,
    chains: { complete: complete.length, stuck: stuck.length },
    optimum:
      exactWithinMs === undefined
        ? undefined
        : await createHighsOptimum().solve(
            { substrate, services: [service], objective: 'cheapest' },
            { timeLimitMs: exactWithinMs },
          ),
  };
}

function hostsUsed(
  { units }: ServiceGraph,
  placement: Placement | undefined,
  { hosts }: Substrate,
): readonly HostUse[] {
  const hostOf = new Map(placement?.units.map(({ unit, host }) => [unit, host]));
  return hosts.flatMap(({ name, site, vcpus, memoryMib }): readonly HostUse[] => {
    const there = units.filter(({ id }) => hostOf.get(id) === name);
    if (there.length === 0) return [];
    const sum = (of: (unit: (typeof units)[number]) => number) =>
      there.reduce((total, unit) => total + of(unit), 0);
    return [
      {
        site,
        host: name,
        units: there.map(({ id }) => id),
        vcpus: { used: sum(({ demand }) => demand.vcpus), total: vcpus },
        memoryMib: { used: sum(({ demand }) => demand.memoryMib), total: memoryMib },
      },
    ];
  });
}

function loser(answer: SiteAnswer): Loser {
  const { site } = answer;
  switch (answer.kind) {
    case 'bid':
      return { site, price: answer.bid.price, reason: `bid with ${answer.bid.host}` };
    case 'refusal': {
      const { reason, lacks } = answer.refusal;
      const others = lacks.map(lackInWords).filter((each) => each !== reason);
      return { site, price: undefined, reason: [reason, ...others].join('; ') };
    }
    default:
      return { site, price: undefined, reason: answer.reason };
  }
}
