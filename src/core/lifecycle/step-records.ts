import type { Operation, StepKind } from '../../protocol/operation-record.ts';
import type { Placement } from '../../protocol/service-graph.ts';
import type { ServiceInstance, UnitRecord } from '../../protocol/service-record.ts';
import { NO_SHAPE } from '../service-plan/no-shape.ts';
import { nsdIdOf } from '../service-plan/nsd-id.ts';
import { withinLastHour } from './migration.ts';
import { isOver } from './operation-machine.ts';
import { shapeDifference } from './operation-steps.ts';

/** A service and the operation on it: both are stored in one change. */
export interface Records {
  readonly service: ServiceInstance;
  readonly operation: Operation;
}

/** What a step brought about, as far as the records tell of it. */
export interface StepResult {
  readonly placement?: Placement;
  /** Units as they are now: state, addresses, whether their first day is done. */
  readonly units?: readonly UnitRecord[];
  readonly outputs?: Operation['outputs'];
}

/** What is stored before a step begins, so that whoever comes after a crash knows what may be there: units first, then their start. */
export function beforeStep(kind: StepKind, { service, operation }: Records): Records {
  const { added, gone } = shapeDifference(operation.before, operation.target);
  if (kind === 'start-units') {
    const known = new Set(service.shape.units.map(({ id }) => id));
    const units = [...service.shape.units, ...added.filter(({ id }) => !known.has(id))];
    return { service: withUnits(service, units), operation };
  }
  if (kind === 'set-chains' && operation.params.kind === 'instantiate') {
    // However far it comes: the termination of a service that never came about takes them all away.
    const { shape } = service;
    return { service: { ...service, shape: { ...shape, chains: operation.target.chains } }, operation };
  }
  if (kind === 'stop-units') {
    const leaving = new Set(gone.map(({ id }) => id));
    const units = service.shape.units.map((each) =>
      leaving.has(each.id) ? { ...each, state: 'stopping' as const } : each,
    );
    return { service: withUnits(service, units), operation };
  }
  return { service, operation };
}

/** What is stored once a step is done. */
export function afterStep(kind: StepKind, { service, operation }: Records, result: StepResult): Records {
  const told = {
    service: withUnits(service, merged(kind, service.shape.units, result.units ?? [])),
    operation: { ...operation, outputs: [...operation.outputs, ...(result.outputs ?? [])].slice(-200) },
  };
  switch (kind) {
    case 'place': {
      const { placement } = result;
      if (placement === undefined) return told;
      const at = new Map(placement.units.map((each) => [each.unit, each]));
      const units = operation.target.units.map((each) => {
        const { host = each.host, site = each.site } = each.host === null ? (at.get(each.unit.id) ?? {}) : {};
        return { ...each, host, site };
      });
      const links = bookedLinks(operation, placement);
      return {
        ...told,
        operation: { ...told.operation, placement, target: { ...operation.target, units, links } },
      };
    }
    case 'hold-packages': {
      const held = [...new Set([...service.held, ...Object.keys(operation.packages)])];
      return { ...told, service: { ...told.service, held } };
    }
    case 'let-packages-go': {
      const still = operation.params.kind === 'terminate' ? [] : Object.keys(operation.packages);
      return { ...told, service: { ...told.service, held: still } };
    }
    case 'set-chains':
      return {
        ...told,
        service: { ...told.service, shape: { ...told.service.shape, chains: operation.target.chains } },
      };
    case 'stop-units': {
      const { gone } = shapeDifference(operation.before, operation.target);
      const leaving = new Set(gone.map(({ id }) => id));
      // What is healed stays on record as failed until its place is taken, or else nobody would know that it is missing.
      const units =
        operation.params.kind === 'heal'
          ? told.service.shape.units.map((each) =>
              leaving.has(each.id) ? { ...each, state: 'failed' as const } : each,
            )
          : told.service.shape.units.filter(({ id }) => !leaving.has(id));
      return { ...told, service: withUnits(told.service, units) };
    }
    default:
      return told;
  }
}

/** What is stored once a step has been undone. */
export function afterUndo(kind: StepKind, { service, operation }: Records, result: StepResult = {}): Records {
  const { added } = shapeDifference(operation.before, operation.target);
  const fresh = new Set(added.map(({ id }) => id));
  switch (kind) {
    case 'hold-packages': {
      const held = service.held.filter((name) => Object.hasOwn(service.packages, name));
      return { service: { ...service, held }, operation };
    }
    case 'stop-units': {
      // Of what is healed: it has failed, and is not stopped any more by anybody.
      const units = service.shape.units.map((each) =>
        each.state === 'stopping' ? { ...each, state: 'failed' as const } : each,
      );
      return { service: withUnits(service, units), operation };
    }
    case 'place': {
      const units = operation.target.units.map((each) =>
        fresh.has(each.id) ? { ...each, host: null, site: null } : each,
      );
      return {
        service,
        operation: { ...operation, placement: null, target: { ...operation.target, units } },
      };
    }
    case 'start-units':
      return {
        service: withUnits(
          service,
          service.shape.units.filter(({ id }) => !fresh.has(id)),
        ),
        operation,
      };
    case 'configure':
      return {
        service: withUnits(service, merged(kind, service.shape.units, result.units ?? [])),
        operation: { ...operation, outputs: [...operation.outputs, ...(result.outputs ?? [])].slice(-200) },
      };
    case 'set-chains':
      return {
        service: { ...service, shape: { ...service.shape, chains: operation.before.chains } },
        operation,
      };
    default:
      return { service, operation };
  }
}

/** The service after an operation that is over; undefined: it is forgotten, as was asked. One that is not over leaves it as it is. */
export function atEnd({ service, operation }: Records, nowMs: number): ServiceInstance | undefined {
  if (!isOver(operation.state)) return service;
  const free = { ...service, operation: null, marks: marksAfter({ service, operation }, nowMs) };
  if (operation.state === 'ROLLED_BACK') return free;
  if (operation.state === 'FAILED') return withUnits(free, free.shape.units.map(leftOver));
  const { params, target, wanted, flavour, packages } = operation;
  if (params.kind === 'action') return free;
  if (params.kind === 'terminate') {
    if (params.remove) return undefined;
    return {
      ...free,
      state: 'NOT_INSTANTIATED',
      shape: NO_SHAPE,
      packages: {},
      notes: [],
      alarms: [],
    };
  }
  const now = new Map(service.shape.units.map((each) => [each.id, each]));
  const units = target.units.map((each) => {
    const { state, addresses, reason, configured } = now.get(each.id) ?? each;
    return { ...each, state, addresses, reason, configured };
  });
  return {
    ...free,
    state: 'INSTANTIATED',
    shape: { ...target, units },
    wanted,
    nsdId: nsdIdOf(wanted),
    flavour,
    packages,
    description: wanted.description ?? service.description,
    onPartition: wanted.onPartition ?? service.onPartition,
    partitionGraceMs: wanted.partitionGraceMs ?? service.partitionGraceMs,
  };
}

/** Nobody starts or stops it any more: whoever heals or terminates the service deals with it as with one that has failed. */
function leftOver(unit: UnitRecord): UnitRecord {
  if (unit.state !== 'ordered' && unit.state !== 'stopping') return unit;
  return { ...unit, state: 'failed', reason: 'the operation that was to start or stop it was given up' };
}

/** Of a service to which nothing has been done. */
export const NO_MARKS: ServiceInstance['marks'] = { scaledAtMs: {}, healedAtMs: {}, migratedAtMs: [] };

/**
 * Cooldowns count from the end of an operation, also of one that came to nothing: it would be tried at once again and again. That of scaling
 * also from a level that an operator has asked for: it is not undone as soon as it is there.
 */
function marksAfter({ service, operation }: Records, nowMs: number): ServiceInstance['marks'] {
  const { params, before, target, wanted } = operation;
  const { marks } = service;
  if (params.kind === 'scale' || params.kind === 'update' || params.kind === 'instantiate') {
    const changed = target.vnfs.flatMap(({ id, member, levels }) => {
      const was = before.vnfs.find((each) => each.id === id)?.levels;
      // Where there was none before: levels that are asked for by name.
      const asked = wanted.members?.[member]?.levels ?? {};
      return Object.keys(levels)
        .filter((aspect) =>
          was === undefined ? Object.hasOwn(asked, aspect) : levels[aspect] !== was[aspect],
        )
        .map((aspect) => `${id}/${aspect}`);
    });
    return {
      ...marks,
      scaledAtMs: { ...marks.scaledAtMs, ...Object.fromEntries(changed.map((key) => [key, nowMs])) },
    };
  }
  if (params.kind === 'heal') {
    const healed = shapeDifference(before, target).gone.map(({ vnf, vdu }) => `${vnf}/${vdu}`);
    const healedAtMs = { ...marks.healedAtMs, ...Object.fromEntries(healed.map((key) => [key, nowMs])) };
    return { ...marks, healedAtMs };
  }
  if (params.kind === 'migrate' && operation.automatic)
    return { ...marks, migratedAtMs: [...withinLastHour(marks.migratedAtMs, nowMs), nowMs].slice(-3600) };
  return params.kind === 'terminate' ? NO_MARKS : marks;
}

/** What is booked once a target is placed: new links along the paths that were found, others along those that they had. */
function bookedLinks({ graph, before }: Operation, placement: Placement): ServiceInstance['shape']['links'] {
  const paths = new Map([
    ...before.links.map(({ link, path }) => [link.id, path] as const),
    ...placement.links.map(({ link, path }) => [link, path] as const),
  ]);
  return (graph?.links ?? []).map((link) => ({ link, path: paths.get(link.id) ?? [] }));
}

/** The first day may be long: what has become of a unit meanwhile stays as it was heard. */
function merged(kind: StepKind, units: readonly UnitRecord[], now: readonly UnitRecord[]): UnitRecord[] {
  const byId = new Map(now.map((each) => [each.id, each]));
  return units.map((each) => {
    const told = byId.get(each.id);
    if (told === undefined) return each;
    return kind === 'configure' ? { ...each, configured: told.configured } : told;
  });
}

function withUnits(service: ServiceInstance, units: readonly UnitRecord[]): ServiceInstance {
  return { ...service, shape: { ...service.shape, units: [...units] } };
}
