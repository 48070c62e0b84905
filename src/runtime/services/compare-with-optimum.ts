import { leftOver } from '../../core/placement/left-over.ts';
import type { Optimum, OptimumResult } from '../../ports/optimum.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { OptimumOrder, OptimumView } from '../../protocol/optimum-view.ts';
import type { ServiceGraph } from '../../protocol/service-graph.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { Substrate } from '../../protocol/substrate.ts';

/** Columns of the program that is solved: more take too long, and too much memory, beside what is up. */
const MOST_COLUMNS = 100_000;

export interface ComparisonDeps {
  readonly substrate: Substrate;
  readonly optimum: Optimum;
  services(): Promise<readonly ServiceInstance[]>;
}

/**
 * Compares what is placed with the exact optimum on what the compared services have and is free beside: one comparison at a time, as each
 * takes a processor.
 */
export class OptimumComparison {
  readonly #deps: ComparisonDeps;
  #busy = false;

  constructor(deps: ComparisonDeps) {
    this.#deps = deps;
  }

  /** @throws MusterError CONFLICT while another goes on or nothing is placed; NOT_FOUND; NOT_SUPPORTED for too large a problem. */
  async compare({ service, withinS }: OptimumOrder): Promise<OptimumView> {
    if (this.#busy) {
      throw new MusterError('CONFLICT', 'another comparison with the optimum goes on', {
        hint: 'ask again when it is over, a minute later at most',
      });
    }
    this.#busy = true;
    try {
      return await this.#compare(service, withinS * 1000);
    } finally {
      this.#busy = false;
    }
  }

  async #compare(wanted: string | undefined, timeLimitMs: number): Promise<OptimumView> {
    const { substrate, optimum } = this.#deps;
    const all = await this.#deps.services();
    const known = all.some(({ id, name }) => id === wanted || name === wanted);
    if (wanted !== undefined && !known)
      throw new MusterError('NOT_FOUND', `there is no service ${wanted}`, { hint: 'muster service list' });
    const asked = all.filter(({ id, name }) => wanted === undefined || id === wanted || name === wanted);
    const compared = asked.filter((each) => stays(each).length > 0);
    if (compared.length === 0) {
      throw new MusterError('CONFLICT', 'nothing of it is placed', { hint: 'muster service list' });
    }
    const graphs = compared.map(graphOf);
    const free = leftOver(
      substrate,
      all.filter((each) => !compared.includes(each)),
    );
    if (columnsOf(free, graphs) > MOST_COLUMNS) {
      throw new MusterError('NOT_SUPPORTED', 'that is too much for the exact optimum', {
        hint: 'compare one service',
      });
    }
    const result = await optimum.solve(
      { substrate: free, services: graphs, objective: 'cheapest' },
      { timeLimitMs },
    );
    return viewOf(compared, result);
  }
}

/** Units that are placed and not about to go. */
function stays({ shape }: ServiceInstance): ServiceInstance['shape']['units'] {
  return shape.units.filter(({ host, state }) => host !== null && state !== 'stopping');
}

function linksOf(service: ServiceInstance): ServiceInstance['shape']['links'] {
  const units = new Set(stays(service).map(({ unit }) => unit.id));
  return service.shape.links.filter(({ link }) => link.ends.every((end) => units.has(end)));
}

function graphOf(service: ServiceInstance): ServiceGraph {
  return {
    service: service.id,
    units: stays(service).map(({ unit }) => unit),
    links: linksOf(service).map(({ link }) => link),
    spread: false,
  };
}

function columnsOf({ hosts, links }: Substrate, graphs: readonly ServiceGraph[]): number {
  return graphs.reduce(
    (sum, graph) => sum + graph.units.length * hosts.length + graph.links.length * links.length * 2,
    0,
  );
}

function viewOf(compared: readonly ServiceInstance[], result: OptimumResult): OptimumView {
  const found = result.kind === 'optimal' || result.kind === 'time-limit';
  const best = new Map(
    (found ? result.placements : []).flatMap(({ service, units }) =>
      units.map(({ unit, host }) => [`${service}\n${unit}`, host] as const),
    ),
  );
  return {
    services: compared.map(({ name }) => name),
    byteHops: compared
      .flatMap(linksOf)
      .reduce((sum, { link, path }) => sum + link.bytesPerSec * path.length, 0),
    outcome: result.kind,
    best: found ? (result.value ?? null) : null,
    bound: found && Number.isFinite(result.bound) ? result.bound : null,
    reason: result.kind === 'unknown' ? result.reason : '',
    tookMs: result.tookMs,
    units: compared.flatMap((service) =>
      stays(service).map(({ unit, host }) => ({
        service: service.name,
        unit: unit.id,
        host: host ?? '',
        best: best.get(`${service.id}\n${unit.id}`) ?? null,
      })),
    ),
  };
}
