import { roomCount } from '../../core/placement/room-count.ts';
import { topologyOf } from '../../core/placement/topology.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { NodeName } from '../../protocol/ids.ts';
import type { PlacedService, Wishes } from '../../protocol/placed-service.ts';
import type { Placement, ServiceGraph } from '../../protocol/service-graph.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import type {
  Misfit,
  OfferedPlaces,
  OfferOutcome,
  OfferRequest,
  PlacementOutcome,
  PlacementRequest,
  Placer,
} from '../services/placer.ts';
import { offerOf } from './offer-of.ts';
import type { Answer, PlacingAgents } from './placing-agents.ts';
import { beyond, raised } from './raised-links.ts';

/** Requests that were placed and are remembered, so that a repeated one is not placed twice. */
const REMEMBERED = 1000;
const MORE_FLOW = 'more cannot flow between units that run';

/** What of a service is booked. */
type Booked = Pick<PlacedService, 'graph' | 'placement'>;

/**
 * Services placed by bargaining between the agents of sites. What is asked about one service goes on in the order in which it was asked,
 * also when nobody waits for it any more.
 */
export function createAgentPlacer(
  agents: Pick<PlacingAgents, 'apply' | 'withdraw' | 'improve'>,
  substrate: Substrate,
): Placer {
  const { sites } = substrate;
  const hosts = new Set<string>(substrate.hosts.map(({ name }) => name));
  const links = new Set<string>(substrate.links.map(({ id }) => id));
  const known = new Map<string, PlacedService>();
  const remembered = new Map<string, PlacementOutcome>();
  const queues = new Map<string, Promise<unknown>>();

  const inTurn = async <T>(service: string, work: () => Promise<T>): Promise<T> => {
    const before = queues.get(service) ?? Promise.resolve();
    const mine = before.then(work, work);
    queues.set(service, mine);
    try {
      return await mine;
    } finally {
      if (queues.get(service) === mine) queues.delete(service);
    }
  };
  const apply = (graph: ServiceGraph, wishes: Wishes): Promise<Answer> =>
    new Promise((resolve) =>
      agents.apply(graph, resolve, Object.keys(wishes).length === 0 ? undefined : wishes),
    );

  const forgetOutcomes = (service: string): void => {
    for (const [id, outcome] of remembered) {
      if (outcome.kind === 'placed' && outcome.placement.service === service) remembered.delete(id);
    }
  };
  /** What is left is all that is booked. */
  const shrink = async (service: string, left: Booked): Promise<void> => {
    const answer = await apply(left.graph, { keep: left.placement });
    if (!answer.ok) throw notGivenBack(service, answer.error);
    known.set(service, answer.placed);
  };

  const place = async (request: PlacementRequest): Promise<PlacementOutcome> => {
    const again = remembered.get(request.id);
    if (again !== undefined) return again;
    const { service, links } = request.graph;
    const before = known.get(service);
    const more = before === undefined ? undefined : raised(before, links);
    if (before !== undefined && more !== undefined) {
      const answer = await apply(more.graph, { keep: before.placement, book: more.placement });
      if (!answer.ok) return { kind: 'refused', reasons: [`${MORE_FLOW}: ${answer.error}`] };
      known.set(service, answer.placed);
    }
    const outcome = await placeUnits(request);
    if (outcome.kind === 'placed') {
      remembered.set(request.id, outcome);
      const [oldest] = remembered.keys();
      if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    } else if (before !== undefined && more !== undefined) {
      // All or nothing.
      await shrink(service, before);
    }
    return outcome;
  };

  const placeUnits = async (request: PlacementRequest): Promise<PlacementOutcome> => {
    const { service } = request.graph;
    const before = known.get(service);
    const graph = wholeGraph(request, sites, before);
    if (typeof graph === 'string') return { kind: 'refused', reasons: [graph] };
    const { avoidSites, at } = request;
    const answer = await apply(graph, {
      ...(before === undefined ? {} : { keep: before.placement }),
      ...(at === undefined || before === undefined ? {} : exactly(at, before.placement)),
      // Who cannot be reached is not waited for, round after round.
      ...(avoidSites.length === 0 ? {} : { avoidSites: [...avoidSites] }),
    });
    // What was refused is free to be asked again: room may have come meanwhile.
    if (!answer.ok) return { kind: 'refused', reasons: [answer.error] };
    known.set(service, answer.placed);
    return { kind: 'placed', placement: answer.placed.placement };
  };

  const offer = async (request: OfferRequest): Promise<OfferOutcome> => {
    const before = known.get(request.service);
    if (before === undefined) return { kind: 'refused', reasons: ['it is not placed'] };
    const { budget, margin: saving, makeRoom = false, movable, avoidSites } = request;
    const asked = {
      movable: movable.map((each) => ({ ...each, sites: [...each.sites] })),
      avoidSites: [...avoidSites],
    };
    const answer = await new Promise<Answer>((resolve) =>
      agents.improve(request.service, { budget, saving, makeRoom, offer: asked }, resolve),
    );
    if (!answer.ok) return { kind: 'refused', reasons: [answer.error] };
    const found = offerOf(before, answer.placed.placement, request);
    return typeof found === 'string'
      ? { kind: 'refused', reasons: [found] }
      : { kind: 'offered', offer: found };
  };

  const release = async (service: string, units: readonly string[] | undefined): Promise<void> => {
    const before = known.get(service);
    if (before === undefined) return;
    const gone = new Set(units ?? before.graph.units.map(({ id }) => id));
    const left = without(before, gone);
    if (left.graph.units.length === before.graph.units.length) return;
    forgetOutcomes(service);
    if (left.graph.units.length > 0) {
      await shrink(service, left);
      return;
    }
    const error = await new Promise<string | undefined>((resolve) => agents.withdraw(service, resolve));
    if (error !== undefined) throw notGivenBack(service, error);
    known.delete(service);
  };

  const lower = async (service: string, links: ServiceGraph['links']): Promise<void> => {
    const before = known.get(service);
    const gone = before === undefined ? undefined : beyond(before, links);
    if (before === undefined || gone === undefined || gone.size === 0) return;
    forgetOutcomes(service);
    await shrink(
      service,
      without(before, new Set(), (link) => !gone.has(link.id)),
    );
  };

  const adopt = async (
    graph: ServiceGraph,
    placement: Placement,
    whyNoRoom: ReturnType<typeof roomCount>,
  ): Promise<Misfit | undefined> => {
    // Hosts that this network does not have any more hold nothing: what was there is healed elsewhere.
    const lost = placement.units.filter(({ host }) => !hosts.has(host)).map(({ unit }) => unit);
    const there = without({ graph, placement }, new Set(lost), ({ path }) =>
      path.every((id) => links.has(id)),
    );
    if (there.graph.units.length === 0) return undefined;
    const { service } = graph;
    const lacks = whyNoRoom(there.graph, there.placement);
    if (lacks !== undefined) return { service, reason: lacks, mustLeave: true };
    const answer = await apply(there.graph, { book: there.placement });
    if (!answer.ok) return { service, reason: answer.error, mustLeave: false };
    known.set(service, answer.placed);
    return undefined;
  };

  return {
    place: (request, signal) =>
      unlessAborted(
        signal,
        inTurn(request.graph.service, () => place(request)),
      ),
    offer: (request, signal) =>
      unlessAborted(
        signal,
        inTurn(request.service, () => offer(request)),
      ),
    release: (service, units) => inTurn(service, () => release(service, units)),
    lower: (service, links) => inTurn(service, () => lower(service, links)),
    adopt: async (placed) => {
      const whyNoRoom = roomCount(topologyOf(substrate));
      const misfits: Misfit[] = [];
      for (const { graph, placement } of placed) {
        const { service } = graph;
        const misfit = await inTurn(service, () => adopt(graph, placement, whyNoRoom)).catch(
          // What is on record of one service keeps no other from being booked.
          (error: unknown) => ({ service, reason: inWords(error), mustLeave: false }),
        );
        if (misfit !== undefined) misfits.push(misfit);
      }
      return misfits;
    },
  };
}

/**
 * All of the service: units that have their place are as the agents know them, also those that are to go afterwards; new ones avoid the
 * sites that nobody can reach. A text: why that cannot be.
 */
function wholeGraph(
  { graph, keep, avoidSites }: PlacementRequest,
  sites: readonly NodeName[],
  placed: PlacedService | undefined,
): ServiceGraph | string {
  const here = placed?.graph ?? { units: [], links: [] };
  const booked = new Set(here.units.map(({ id }) => id));
  const wanted = new Set(graph.links.map(({ id }) => id));
  const avoided = new Set<string>(avoidSites);
  const fresh: ServiceGraph['units'] = [];
  // Of those that stay some may have failed, and hold nothing: they are healed by themselves.
  const stays = new Set(keep.flatMap(({ unit }) => (booked.has(unit) ? [] : [unit])));
  for (const unit of graph.units) {
    if (booked.has(unit.id) || stays.has(unit.id)) continue;
    const allowed = unit.sites.length === 0 ? sites : unit.sites;
    const left = allowed.filter((site) => !avoided.has(site));
    if (left.length === 0)
      return `${unit.id} may run at ${allowed.join(', ')} alone, which cannot be reached`;
    fresh.push(avoided.size === 0 ? unit : { ...unit, sites: left });
  }
  // Between units that stay each link is as it was booked; what has been asked for beyond that is a link of its own.
  const before = new Map(here.links.map((link) => [link.id, link]));
  const joined = graph.links
    .filter(({ ends }) => !ends.some((end) => stays.has(end)))
    .map((link) => before.get(link.id) ?? link);
  const links = [...joined, ...here.links.filter(({ id }) => !wanted.has(id))];
  return { ...graph, units: [...here.units, ...fresh], links };
}

/** All of it where it is to be booked: what is there already, and what is new beside it. */
function exactly({ units, links, leaving }: OfferedPlaces, there: Placement): Wishes {
  const book = { ...there, units: [...there.units, ...units], links: [...there.links, ...links] };
  return { book, leaving: [...leaving] };
}

/** A placed service without some of its units and their links, and without links that may not stay. */
function without(
  { graph, placement }: Booked,
  gone: ReadonlySet<string>,
  may: (link: { readonly id: string; readonly path: readonly string[] }) => boolean = () => true,
): Booked {
  const bad = new Set(
    placement.links.filter(({ link, path }) => !may({ id: link, path })).map(({ link }) => link),
  );
  const links = graph.links.filter(({ id, ends }) => !bad.has(id) && !ends.some((end) => gone.has(end)));
  const kept = new Set(links.map(({ id }) => id));
  return {
    graph: { ...graph, units: graph.units.filter(({ id }) => !gone.has(id)), links },
    placement: {
      ...placement,
      units: placement.units.filter(({ unit }) => !gone.has(unit)),
      links: placement.links.filter(({ link }) => kept.has(link)),
    },
  };
}

function inWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function notGivenBack(service: string, error: string): MusterError {
  return new MusterError('CONFLICT', `what ${service} had booked is not given back yet: ${error}`, {
    hint: 'retry the operation once that site is back',
  });
}

/** The work goes on; who waits for it is told that it need not. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
