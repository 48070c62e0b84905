import type { OptimumProblem } from '../../ports/optimum.ts';
import type { Placement, ServiceGraph, Unit } from '../../protocol/service-graph.ts';
import type { Host } from '../../protocol/substrate.ts';
import type { LinearProgram } from './linear-model.ts';
import { LinearModel } from './linear-model.ts';

/** The program of a problem, and how its solution reads. */
export interface PlacementProgram {
  readonly program: LinearProgram;
  placements(solution: Float64Array): readonly Placement[];
}

interface ServiceColumns {
  readonly graph: ServiceGraph;
  /** Whether it is placed; undefined: it has to be. */
  readonly placed: number | undefined;
  /** By unit and host. */
  readonly at: readonly (readonly number[])[];
  /** By link of the service and link of the substrate: from its first end to its second, and back. */
  readonly over: readonly (readonly (readonly [number, number])[])[];
}

const RESOURCES = ['vcpus', 'memoryMib', 'storageGb'] as const;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Virtual network embedding as a multi-commodity flow (Chowdhury et al., INFOCOM 2009, with unsplit paths): every unit at one host, every
 * link of a service one unit of flow from the host of its first end to that of its second.
 */
export function placementProgram({
  substrate,
  services,
  objective,
  revenue,
}: OptimumProblem): PlacementProgram {
  const { hosts, links } = substrate;
  const model = new LinearModel();
  const byService = services.map((graph, index): ServiceColumns => {
    const placed = objective === 'most-revenue' ? model.variable(revenue?.[index] ?? 0) : undefined;
    const price = objective === 'cheapest' ? 1 : 0;
    return {
      graph,
      placed,
      at: graph.units.map((unit) => hosts.map((host) => model.variable(0, mayBeAt(unit, host)))),
      over: graph.links.map((link) =>
        links.map(
          () => [model.variable(price * link.bytesPerSec), model.variable(price * link.bytesPerSec)] as const,
        ),
      ),
    };
  });
  for (const columns of byService) {
    addUnits(model, columns, hosts);
    addFlows(model, columns, substrate);
  }
  hosts.forEach((host, number) => {
    for (const what of RESOURCES) {
      const terms = byService.flatMap(({ graph, at }) =>
        graph.units.flatMap((unit, index) => {
          const column = at[index]?.[number];
          return column === undefined || unit.demand[what] === 0
            ? []
            : [[column, unit.demand[what]] as const];
        }),
      );
      if (terms.length > 0) model.row(terms, -NEVER, host[what]);
    }
  });
  links.forEach((link, number) => {
    const terms = byService.flatMap(({ graph, over }) =>
      graph.links.flatMap(({ bytesPerSec }, index) =>
        (over[index]?.[number] ?? []).map((column) => [column, bytesPerSec] as const),
      ),
    );
    if (terms.length > 0) model.row(terms, -NEVER, link.bytesPerSec);
  });
  return {
    program: model.program(objective === 'most-revenue'),
    placements: (solution) => byService.flatMap((columns) => read(columns, substrate, solution)),
  };
}

function mayBeAt({ sites, demand }: Unit, host: Host): boolean {
  return (
    (sites.length === 0 || sites.includes(host.site)) && RESOURCES.every((what) => demand[what] <= host[what])
  );
}

function addUnits(model: LinearModel, { graph, placed, at }: ServiceColumns, hosts: readonly Host[]): void {
  for (const row of at) {
    const terms = row.map((column) => [column, 1] as const);
    if (placed === undefined) model.row(terms, 1, 1);
    else model.row([...terms, [placed, -1]], 0, 0);
  }
  if (graph.spread) {
    hosts.forEach((_, host) => {
      model.row(
        at.flatMap((row) => (row[host] === undefined ? [] : [[row[host], 1] as const])),
        -NEVER,
        1,
      );
    });
  }
  graph.units.forEach((one, a) => {
    graph.units.forEach((other, b) => {
      if (b <= a) return;
      for (const scope of ['host', 'site'] as const) {
        for (const places of placesOf(hosts, scope)) {
          const here = (unit: number, sign: 1 | -1) =>
            places.flatMap((host) => {
              const column = at[unit]?.[host];
              return column === undefined ? [] : [[column, sign] as const];
            });
          if (share(one.affinity, other.affinity, scope)) model.row([...here(a, 1), ...here(b, -1)], 0, 0);
          if (share(one.antiAffinity, other.antiAffinity, scope)) {
            model.row([...here(a, 1), ...here(b, 1)], -NEVER, 1);
          }
        }
      }
    });
  });
}

/** Numbers of hosts that count as one place. */
function placesOf(hosts: readonly Host[], scope: 'host' | 'site'): readonly (readonly number[])[] {
  const places = new Map<string, number[]>();
  hosts.forEach((host, number) => {
    const name = scope === 'host' ? host.name : host.site;
    places.set(name, [...(places.get(name) ?? []), number]);
  });
  return [...places.values()];
}

function share(one: Unit['affinity'], other: Unit['affinity'], scope: 'host' | 'site'): boolean {
  return one.some((a) => a.scope === scope && other.some((b) => b.scope === scope && a.group === b.group));
}

function addFlows(
  model: LinearModel,
  { graph, at, over }: ServiceColumns,
  { hosts, links }: OptimumProblem['substrate'],
): void {
  const hostNumbers = new Map<string, number>(hosts.map((host, number) => [host.name, number]));
  const nodes = new Set<string>([...hosts.map((host) => host.name), ...links.flatMap((link) => link.ends)]);
  const units = new Map(graph.units.map((unit, index) => [unit.id, index]));
  graph.links.forEach(({ ends, maxLatencyMs }, index) => {
    const flow = over[index] ?? [];
    for (const node of nodes) {
      const terms: (readonly [number, number])[] = [];
      links.forEach((link, number) => {
        const [there, back] = flow[number] ?? [];
        if (there === undefined || back === undefined || !link.ends.some((end) => end === node)) return;
        const sign = link.ends[0] === node ? 1 : -1;
        terms.push([there, sign], [back, -sign]);
      });
      const host = hostNumbers.get(node);
      const [from, to] = ends.map((end) =>
        host === undefined ? undefined : at[units.get(end) ?? -1]?.[host],
      );
      if (from !== undefined) terms.push([from, -1]);
      if (to !== undefined) terms.push([to, 1]);
      model.row(terms, 0, 0);
    }
    if (maxLatencyMs === undefined) return;
    const latency = links.flatMap((link, number) =>
      (flow[number] ?? []).map((column) => [column, link.latencyMs] as const),
    );
    model.row(latency, -NEVER, maxLatencyMs);
  });
}

function read(
  { graph, placed, at, over }: ServiceColumns,
  { hosts, links }: OptimumProblem['substrate'],
  solution: Float64Array,
): readonly Placement[] {
  const isSet = (column: number | undefined) => column !== undefined && (solution[column] ?? 0) > 0.5;
  if (placed !== undefined && !isSet(placed)) return [];
  const hostOf = new Map<string, Host>();
  const units = graph.units.flatMap((unit, index) => {
    const host = hosts[(at[index] ?? []).findIndex(isSet)];
    if (host === undefined) return [];
    hostOf.set(unit.id, host);
    return [{ unit: unit.id, host: host.name, site: host.site }];
  });
  const routes = graph.links.map((link, index) => {
    const taken = links.filter((_, number) => (over[index]?.[number] ?? []).some(isSet));
    const path: Placement['links'][number]['path'] = [];
    let here: string | undefined = hostOf.get(link.ends[0])?.name;
    const goal = hostOf.get(link.ends[1])?.name;
    // Follows the flow; circles beside it, which cost nothing where no cost counts, are left out.
    const left = new Set(taken);
    while (here !== undefined && here !== goal) {
      const next = [...left].find((each) => each.ends.some((end) => end === here));
      if (next === undefined) break;
      left.delete(next);
      path.push(next.id);
      here = next.ends[0] === here ? next.ends[1] : next.ends[0];
    }
    return { link: link.id, path };
  });
  return [{ service: graph.service, units, links: routes }];
}
