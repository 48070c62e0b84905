import { createHighsOptimum } from '../../src/adapters/optimum-highs/highs-optimum.ts';
import { createSeededRandom } from '../../src/adapters/random-seeded/seeded-random.ts';
import { CHAIN_TERMS } from '../../src/core/negotiation/chain-spec.ts';
import { leftOver } from '../../src/core/placement/left-over.ts';
import { movesForRoom } from '../../src/core/placement/moves-for-room.ts';
import { topologyOf } from '../../src/core/placement/topology.ts';
import type { PlacedService } from '../../src/protocol/placed-service.ts';
import type { Placement, ServiceGraph } from '../../src/protocol/service-graph.ts';
import { MOST_ASKED, MOST_MOVES } from '../../src/runtime/services/room-maker.ts';
import { createAgentNetwork } from './agent-network.ts';
import type { FourSites } from './four-sites.ts';
import { fourSites } from './four-sites.ts';
import { byHostOrder, HOST_ORDERS } from './host-order.ts';
import { hashOfInstance } from './instances.ts';
import type { Job, Outcome } from './job.ts';
import type { Placer } from './substrate-state.ts';
import { createState, take } from './substrate-state.ts';
import { revenueOf } from './virne.ts';

const TIME_LIMIT_MS = 60_000;

/**
 * Revenue of one instance by auction, by auction where placed services make room for one that was refused (as `RoomMaker` has them do it,
 * each unit one that may move), by best fit, and at best in hindsight.
 */
export async function runFourSites(job: Job): Promise<Outcome> {
  const instance = fourSites(job.seed);
  const { substrate, services } = instance;
  const revenue = services.map(revenueOf);
  const optimum = await createHighsOptimum().solve(
    { substrate, services, objective: 'most-revenue', revenue },
    { timeLimitMs: TIME_LIMIT_MS },
  );
  const proved = optimum.kind === 'optimal' && optimum.value !== undefined;
  return {
    job,
    requestsHash: hashOfInstance(instance),
    figures: {
      services: services.length,
      asked: revenue.reduce((sum, each) => sum + each, 0),
      auction: withAgents(job, instance, false),
      reAuction: withAgents(job, instance, true),
      bestFit: withOne(instance, HOST_ORDERS['best fit']),
      firstFit: withOne(instance, HOST_ORDERS['first fit']),
      ...(proved ? { optimum: optimum.value } : {}),
      ...('bound' in optimum ? { bound: optimum.bound } : {}),
      optimumSeconds: optimum.tookMs / 1000,
    },
  };
}

function withOne(
  { substrate, services }: FourSites,
  order: (typeof HOST_ORDERS)[string] | undefined,
): number {
  const state = createState(topologyOf(substrate));
  const place: Placer = byHostOrder(order ?? (() => 0), { mayShare: true });
  let revenue = 0;
  for (const graph of services) {
    const chain = place(state, graph);
    if (chain === undefined) continue;
    take(state, graph, chain, 1);
    revenue += revenueOf(graph);
  }
  return revenue;
}

function withAgents(job: Job, { substrate, services }: FourSites, again: boolean): number {
  const network = createAgentNetwork({
    substrate,
    random: createSeededRandom(job.seed).fork('network'),
    terms: { ...CHAIN_TERMS, improvements: job.improvements },
    orchestrators: 4,
  });
  const placed = new Map<string, PlacedService>();
  let revenue = 0;
  const settle = () => network.runUntil(network.nowMs() + 60_000);
  const tryOne = (graph: ServiceGraph): boolean => {
    network.apply(graph, (answer) => {
      if (!answer.ok) return;
      placed.set(graph.service, answer.placed);
      revenue += revenueOf(graph);
    });
    settle();
    return placed.has(graph.service);
  };
  /** To where a larger piece is free afterwards; whether an agent takes it. */
  const move = (service: string, unit: string): boolean => {
    const before = placed.get(service);
    if (before === undefined) return false;
    const offer = { movable: [{ unit, sites: [] }], avoidSites: [] };
    let offered: Placement | undefined;
    network.improve(service, { budget: 1, makeRoom: true, offer }, (answer) => {
      if (answer.ok) offered = answer.placed.placement;
    });
    settle();
    const hostIn = ({ units }: Placement) => units.find((each) => each.unit === unit)?.host;
    if (offered === undefined || hostIn(offered) === hostIn(before.placement)) return false;
    network.withdraw(service, () => {});
    settle();
    network.apply(
      before.graph,
      (answer) => {
        if (!answer.ok) throw new Error(`what was offered is not booked: ${answer.error}`);
        placed.set(service, answer.placed);
      },
      { book: offered },
    );
    settle();
    return true;
  };
  const moveOne = (wanted: ServiceGraph): boolean => {
    const all = [...placed.values()].map((each) => ({ ...each, shape: shapeOf(each) }));
    const movable = all.flatMap(({ graph: { service }, shape }) =>
      shape.units.map((each) => ({ ...each, service })),
    );
    return movesForRoom(leftOver(substrate, all).hosts, wanted.units, movable)
      .slice(0, MOST_ASKED)
      .some(({ service, unit: { id } }) => move(service, id));
  };
  for (const graph of services) {
    if (tryOne(graph) || !again) continue;
    for (let moves = 0; moves < MOST_MOVES && moveOne(graph); moves++) if (tryOne(graph)) break;
  }
  return revenue;
}

function shapeOf({ graph, placement }: PlacedService) {
  const host = new Map(placement.units.map((each) => [each.unit, each.host]));
  const path = new Map(placement.links.map((each) => [each.link, each.path]));
  return {
    units: graph.units.map((unit) => ({ unit, host: host.get(unit.id) ?? '' })),
    links: graph.links.map((link) => ({ link, path: path.get(link.id) ?? [] })),
  };
}
