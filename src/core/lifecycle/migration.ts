import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import type { Placement } from '../../protocol/service-graph.ts';
import type { ServiceInstance, ServiceShape, UnitRecord } from '../../protocol/service-record.ts';
import { unitsOfHop } from '../chaining/units-of-hop.ts';
import { shapeDifference } from './operation-steps.ts';

const HOUR_MS = 3_600_000;

/** How units of a service that runs are moved to where it costs less. */
export interface MigrationRule {
  /** Units that move at a time, at most. */
  readonly budget: number;
  /** Migrations that Muster begins by itself within an hour, at most. */
  readonly perHour: number;
  /** Part of the cost that each move has to save. */
  readonly margin: number;
  /** Whose units Muster moves by itself; undefined: those that lead flows on. */
  readonly members: readonly string[] | undefined;
}

const USUAL: MigrationRule = { budget: 1, perHour: 6, margin: 0.1, members: undefined };

/** As the service file says; `off` concerns only what Muster does by itself. */
export function migrationRule({ migration = {} }: ServiceFile): MigrationRule & { readonly off: boolean } {
  if (migration === 'off') return { ...USUAL, off: true };
  const { budget, perHour, margin, members } = migration;
  return {
    off: false,
    budget: budget ?? USUAL.budget,
    perHour: perHour ?? USUAL.perHour,
    margin: margin ?? USUAL.margin,
    members,
  };
}

/** Why a unit cannot be moved while it runs; undefined: it can. */
export function whyNotMoved(
  { id, unit, state, host, recipe }: UnitRecord,
  shape: ServiceShape,
): string | undefined {
  if (state !== 'running' || host === null) return `${unit.id} does not run`;
  const given = recipe.interfaces.find(({ address }) => address !== undefined)?.address;
  // Both run for a while: packets of a chain find the right one all the same.
  return given === undefined || leadingOn(shape).has(id)
    ? undefined
    : `${unit.id} is asked for by its address ${given}, which two would have`;
}

/** Units that Muster may move by itself: of what a flow ends at, or what keeps something, nobody else knows what would be lost. */
export function movedByItself(shape: ServiceShape, rule: MigrationRule): UnitRecord[] {
  const leadsOn = leadingOn(shape);
  const member = new Map(shape.vnfs.map(({ id, member: its }) => [id, its]));
  const may = ({ id, vnf }: UnitRecord) =>
    rule.members === undefined ? leadsOn.has(id) : rule.members.includes(member.get(vnf) ?? vnf);
  return shape.units.filter((each) => may(each) && whyNotMoved(each, shape) === undefined);
}

/** Units that lead flows on to another one, and at which none begins or ends. */
function leadingOn({ chains }: ServiceShape): ReadonlySet<string> {
  const ends = new Set(
    chains.flatMap(({ from, hops }) => [from?.unit, ...hops.slice(-1).flatMap(unitsOfHop)]),
  );
  return new Set(chains.flatMap(({ hops }) => hops.flatMap(unitsOfHop).filter((unit) => !ends.has(unit))));
}

/** Bandwidth times hops of all that is booked between units, bytes/s. */
export function costOf({ links }: ServiceShape): number {
  return links.reduce((sum, { link, path }) => sum + link.bytesPerSec * path.length, 0);
}

/** When Muster may begin the next migration of a service by itself, ms: not before as many as an hour takes are older than that. */
export function migrationFromMs(
  { marks }: Pick<ServiceInstance, 'marks'>,
  { perHour }: MigrationRule,
): number {
  const counted = marks.migratedAtMs.at(-perHour);
  return counted === undefined ? Number.NEGATIVE_INFINITY : counted + HOUR_MS;
}

export function withinLastHour(timesMs: readonly number[], nowMs: number): readonly number[] {
  return timesMs.filter((each) => nowMs - each < HOUR_MS);
}

/**
 * Each new unit, by its id, with the one whose place it takes while that still runs: of a migration the one that has the same index, of an
 * update the one that is asked for by the same address.
 */
export function predecessors({ params, before, target }: Operation): ReadonlyMap<string, UnitRecord> {
  if (params.kind !== 'migrate' && params.kind !== 'update') return new Map();
  const { added, gone } = shapeDifference(before, target);
  const isMigration = params.kind === 'migrate';
  return new Map(
    added.flatMap((each) => {
      const old = gone.find((other) =>
        isMigration
          ? other.vnf === each.vnf && other.vdu === each.vdu && other.index === each.index
          : haveOneAddress(other, each),
      );
      return old === undefined ? [] : [[each.id, old] as const];
    }),
  );
}

/** Whether both are asked for by the same address of a link. */
function haveOneAddress(one: UnitRecord, other: UnitRecord): boolean {
  return one.recipe.interfaces.some(
    ({ link, address }) =>
      address !== undefined &&
      other.recipe.interfaces.some((each) => each.link === link && each.address === address),
  );
}

/**
 * Where the units of a migration go, by the names that they get, and the ways of their links. Undefined: it is another service by now than
 * the one that was offered places.
 */
export function successorPlaces(operation: Operation) {
  const { params, before, target, graph } = operation;
  if (params.kind !== 'migrate' || graph === null) return undefined;
  const { added, gone } = shapeDifference(before, target);
  const old = predecessors(operation);
  const names = new Map(added.map(({ id, unit }) => [old.get(id)?.unit.id, unit.id] as const));
  const named = (unit: string) => names.get(unit) ?? unit;
  const ways = new Map<string, Placement['links'][number]['path']>();
  for (const { ends, path } of params.links) {
    const [a, b] = ends.map(named);
    ways.set(`${a}\n${b}`, path);
    ways.set(`${b}\n${a}`, path.toReversed());
  }
  const units = params.moves.map(({ unit, host, site }) => ({ unit: named(unit), host, site }));
  const fresh = new Set(added.map(({ unit }) => unit.id));
  const links: Placement['links'] = [];
  for (const { id, ends } of graph.links) {
    if (!ends.some((end) => fresh.has(end))) continue;
    const path = ways.get(ends.join('\n'));
    if (path === undefined) return undefined;
    links.push({ link: id, path });
  }
  if (units.length !== added.length || units.some(({ unit }) => !fresh.has(unit))) return undefined;
  return { units, links, leaving: gone.map(({ unit }) => unit.id) };
}
