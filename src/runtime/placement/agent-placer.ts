import { MusterError } from '../../protocol/errors.ts';
import type { NodeName } from '../../protocol/ids.ts';
import type { PlacedService, Wishes } from '../../protocol/placed-service.ts';
import type { Placement, ServiceGraph } from '../../protocol/service-graph.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import type { PlacementOutcome, PlacementRequest, Placer } from '../services/placer.ts';
import type { Answer, PlacingAgents } from './placing-agents.ts';

/** Requests that were placed and are remembered, so that a repeated one is not placed twice. */
const REMEMBERED = 1000;

/**
 * Services placed by bargaining between the agents of sites. What is asked about one service goes on in the order in which it was asked,
 * also when nobody waits for it any more.
 */
export function createAgentPlacer(
  agents: Pick<PlacingAgents, 'apply' | 'withdraw'>,
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

  const place = async (request: PlacementRequest): Promise<PlacementOutcome> => {
    const again = remembered.get(request.id);
    if (again !== undefined) return again;
    const { service } = request.graph;
    const before = known.get(service);
    const graph = wholeGraph(request, sites, before);
    if (typeof graph === 'string') return { kind: 'refused', reasons: [graph] };
    const { avoidSites } = request;
    const answer = await apply(graph, {
      ...(before === undefined ? {} : { keep: before.placement }),
      // Who cannot be reached is not waited for, round after round.
      ...(avoidSites.length === 0 ? {} : { avoidSites: [...avoidSites] }),
    });
    // What was refused is free to be asked again: room may have come meanwhile.
    if (!answer.ok) return { kind: 'refused', reasons: [answer.error] };
    known.set(service, answer.placed);
    const outcome: PlacementOutcome = { kind: 'placed', placement: answer.placed.placement };
    remembered.set(request.id, outcome);
    const [oldest] = remembered.keys();
    if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    return outcome;
  };

  const release = async (service: string, units: readonly string[] | undefined): Promise<void> => {
    const before = known.get(service);
    if (before === undefined) return;
    const gone = new Set(units ?? before.graph.units.map(({ id }) => id));
    const left = without(before, gone);
    if (left.graph.units.length === before.graph.units.length) return;
    for (const [id, outcome] of remembered) {
      if (outcome.kind === 'placed' && outcome.placement.service === service) remembered.delete(id);
    }
    if (left.graph.units.length === 0) {
      const error = await new Promise<string | undefined>((resolve) => agents.withdraw(service, resolve));
      if (error !== undefined) throw notGivenBack(service, error);
      known.delete(service);
      return;
    }
    const answer = await apply(left.graph, { keep: left.placement });
    if (!answer.ok) throw notGivenBack(service, answer.error);
    known.set(service, answer.placed);
  };

  const adopt = async (graph: ServiceGraph, placement: Placement): Promise<void> => {
    // Hosts that this network does not have any more hold nothing: what was there is healed elsewhere.
    const lost = placement.units.filter(({ host }) => !hosts.has(host)).map(({ unit }) => unit);
    const there = without({ graph, placement }, new Set(lost), (path) => path.every((id) => links.has(id)));
    if (there.graph.units.length === 0) return;
    const answer = await apply(there.graph, { book: there.placement });
    if (!answer.ok) {
      throw new MusterError('CONFLICT', `${graph.service} cannot be booked where it runs: ${answer.error}`, {
        hint: 'start with the sites that it was placed on, or with hosts that have its room',
      });
    }
    known.set(graph.service, answer.placed);
  };

  return {
    place: (request, signal) =>
      unlessAborted(
        signal,
        inTurn(request.graph.service, () => place(request)),
      ),
    release: (service, units) => inTurn(service, () => release(service, units)),
    adopt: async (placed) => {
      for (const { graph, placement } of placed) {
        await inTurn(graph.service, () => adopt(graph, placement));
      }
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
  // Between units that stay as much is booked as was asked for then, whatever is by now.
  const before = new Map(here.links.map((link) => [link.id, link]));
  const joined = graph.links
    .filter(({ ends }) => !ends.some((end) => stays.has(end)))
    .map((link) => before.get(link.id) ?? link);
  const links = [...joined, ...here.links.filter(({ id }) => !wanted.has(id))];
  return { ...graph, units: [...here.units, ...fresh], links };
}

/** A placed service without some of its units and their links, and without links whose path is not wanted. */
function without(
  { graph, placement }: Pick<PlacedService, 'graph' | 'placement'>,
  gone: ReadonlySet<string>,
  may: (path: readonly string[]) => boolean = () => true,
): { readonly graph: ServiceGraph; readonly placement: Placement } {
  const bad = new Set(placement.links.filter(({ path }) => !may(path)).map(({ link }) => link));
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
