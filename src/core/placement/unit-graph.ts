import { MusterError } from '../../protocol/errors.ts';
import type { ScarcityWeights } from '../../protocol/placement.ts';
import type { ServiceGraph, Unit, UnitLink } from '../../protocol/service-graph.ts';

/** A link of the service as one of its ends sees it. */
export interface LinkEnd {
  readonly link: number;
  readonly other: number;
}

/** A service's graph with its units and links by number. */
export interface UnitGraph {
  readonly graph: ServiceGraph;
  readonly units: readonly Unit[];
  readonly links: readonly UnitLink[];
  /** By unit. */
  readonly ends: readonly (readonly LinkEnd[])[];
  /** Bandwidth of all links of a unit: bytes/s. */
  readonly bytesPerSec: readonly number[];
}

/** @throws MusterError BAD_FILE when a link names no unit of the service, or an id is used twice. */
export function unitGraphOf(graph: ServiceGraph): UnitGraph {
  const numbers = new Map(graph.units.map((unit, index) => [unit.id, index]));
  const twice =
    numbers.size < graph.units.length || new Set(graph.links.map(({ id }) => id)).size < graph.links.length;
  if (twice) throw bad(graph, 'uses an id twice');
  const ends: LinkEnd[][] = graph.units.map(() => []);
  graph.links.forEach(({ id, ends: [a, b] }, link) => {
    const [one, other] = [numbers.get(a), numbers.get(b)];
    if (one === undefined || other === undefined)
      throw bad(graph, `has a link ${id} to a unit that is not there`);
    if (one === other) return;
    ends[one]?.push({ link, other });
    ends[other]?.push({ link, other: one });
  });
  const bytesPerSec = ends.map((each) =>
    each.reduce((sum, { link }) => sum + (graph.links[link]?.bytesPerSec ?? 0), 0),
  );
  return { graph, units: graph.units, links: graph.links, ends, bytesPerSec };
}

function bad({ service }: ServiceGraph, what: string): MusterError {
  return new MusterError('BAD_FILE', `service ${service} ${what}`, {
    hint: 'every unit and every link has an id of its own, and links join units',
  });
}

/**
 * What scarcity weighs, so that it is of the size of one more hop: found by trial on Virne's settings (30 and 10 where the mean
 * bandwidth is 25).
 */
export function scarcityWeights({ links }: UnitGraph): ScarcityWeights {
  const sum = links.reduce((total, link) => total + link.bytesPerSec, 0);
  const mean = links.length === 0 || sum === 0 ? 1 : sum / links.length;
  return { links: 1.2 * mean, host: 0.4 * mean };
}

/** Units in the order in which they are tried first: those that ask most, of vCPUs and bandwidth alike. */
export function firstUnits({ units, bytesPerSec }: UnitGraph): readonly number[] {
  const vcpus = units.reduce((sum, unit) => sum + unit.demand.vcpus, 0) || 1;
  const bandwidth = bytesPerSec.reduce((sum, each) => sum + each, 0) || 1;
  const size = (unit: number) =>
    (units[unit]?.demand.vcpus ?? 0) / vcpus + (bytesPerSec[unit] ?? 0) / bandwidth;
  return units.map((_, index) => index).sort((a, b) => size(b) - size(a) || a - b);
}

/**
 * The unit to be auctioned next: of those joined to placed ones that with the most bandwidth to them; where none is joined, the first
 * of `order`. Undefined: all are placed.
 */
export function nextUnit(
  { ends, links }: UnitGraph,
  order: readonly number[],
  isPlaced: (unit: number) => boolean,
): number | undefined {
  let best: number | undefined;
  let most = -1;
  let open: number | undefined;
  for (const unit of order) {
    if (isPlaced(unit)) continue;
    open ??= unit;
    let joined = 0;
    let bandwidth = 0;
    for (const { link, other } of ends[unit] ?? []) {
      if (!isPlaced(other)) continue;
      joined++;
      bandwidth += links[link]?.bytesPerSec ?? 0;
    }
    if (joined > 0 && bandwidth > most) {
      best = unit;
      most = bandwidth;
    }
  }
  return best ?? open;
}
