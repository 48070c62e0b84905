import { advance } from '../../core/lifecycle/operation-machine.ts';
import { atEnd } from '../../core/lifecycle/step-records.ts';
import { NO_SHAPE } from '../../core/service-plan/no-shape.ts';
import type { RunningUnit } from '../../ports/infrastructure.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance, UnitRecord } from '../../protocol/service-record.ts';
import { setChains } from './carry-out-step.ts';
import { inBounds } from './in-bounds.ts';
import { backToUnplaced, reportMisfits, type Unbooked, withoutRoom } from './misfits.ts';
import type { ServiceManagerDeps } from './service-manager.ts';
import { changeService } from './service-records.ts';

const NOT_THERE = 'it did not run any more when Muster came back';

export interface Reconciled {
  readonly services: readonly ServiceInstance[];
  /** That are not over. */
  readonly operations: readonly Operation[];
  readonly unbooked: readonly Unbooked[];
}

/**
 * Brings records and what really runs together, after a restart: units of record that run are adopted, those that do not have failed, and
 * what runs and stands in no record is stopped. Bookings are what the records say; a service that cannot be booked where it runs is reported,
 * and keeps no other one from going on.
 */
export async function reconcile(
  services: readonly ServiceInstance[],
  operations: readonly Operation[],
  deps: ServiceManagerDeps,
): Promise<Reconciled> {
  const { infrastructure, placer, store, wallMs, onTrouble } = deps;
  const there = new Map((await infrastructure.list()).map((each) => [each.id, each]));
  const known = new Set(services.flatMap(({ shape }) => shape.units.map(({ id }) => id)));
  for (const { id } of there.values()) {
    if (known.has(id)) continue;
    await infrastructure
      .stop(id)
      .catch((error: unknown) => onTrouble(`${id} is nobody's and cannot be stopped: ${String(error)}`));
  }
  // Who came first keeps its place.
  const inOrder = services.toSorted((a, b) => a.createdAtMs - b.createdAtMs);
  const found = await placer.adopt(inOrder.flatMap((service) => bookedBy(service, operations, there)));
  const misfits = new Map(found.map((each) => [each.service, each]));
  const adopted: ServiceInstance[] = [];
  const goOn: Operation[] = [];
  for (const before of services) {
    const running = operations.find(({ id }) => id === before.operation);
    const stored = await changeService(store, before.id, running?.id, async ({ service, operation }) => {
      const misfit = misfits.get(service.id);
      const units = service.shape.units.map((each) => {
        const unit = asFound(each, there.get(each.id), operation);
        return misfit?.mustLeave === true && unit.state === 'running' ? withoutRoom(unit, misfit) : unit;
      });
      const found = { ...service, shape: { ...service.shape, units } };
      const unplaced = misfit === undefined ? undefined : backToUnplaced(operation, misfit, wallMs());
      // Whether a primitive has been carried out is not known when the process ended over it: an operator decides.
      const doubtful =
        operation?.params.kind === 'action' && operation.steps.some(({ state }) => state === 'doing');
      const failed = !doubtful
        ? undefined
        : advance(
            operation,
            {
              kind: 'step-failed',
              step: 'act',
              message: IN_DOUBT,
              mend: 'look whether it was, and ask for it again if not',
            },
            wallMs(),
          );
      const next = failed?.ok === true ? failed.operation : (unplaced ?? operation);
      const after =
        next === undefined ? found : (atEnd({ service: found, operation: next }, wallMs()) ?? found);
      return {
        stored: { service: after, operations: next === undefined ? [] : [next] },
        answer: { service: after, operation: next },
      };
    });
    adopted.push(stored.service);
    if (stored.operation !== undefined) goOn.push(stored.operation);
    else {
      const { id, shape } = stored.service;
      await setChains(id, shape.chains, [], shape.units, infrastructure).catch((error: unknown) =>
        onTrouble(`chains of ${stored.service.name}: ${String(error)}`),
      );
    }
  }
  return { services: adopted, operations: goOn, unbooked: reportMisfits(found, services, onTrouble) };
}

const IN_DOUBT = 'the process ended while the primitive was carried out: whether it was is not known';

function asFound(
  unit: UnitRecord,
  found: RunningUnit | undefined,
  operation: Operation | undefined,
): UnitRecord {
  if (found?.state === 'running')
    return {
      ...unit,
      state: unit.state === 'stopping' ? 'stopping' : 'running',
      addresses: { ...found.addresses },
      reason: null,
    };
  // What an operation starts or stops anyway is its business: its steps are repeated.
  const pending = unit.state === 'ordered' || unit.state === 'stopping';
  if (operation !== undefined && pending) return unit;
  if (found?.state === 'starting') return { ...unit, state: 'ordered' };
  return { ...unit, state: 'failed', reason: inBounds(found?.reason ?? unit.reason ?? NOT_THERE) };
}

/**
 * What a service has booked: its units that run, and those that an operation on it has placed and not started yet. Those that have failed
 * have their place back when they are healed: meanwhile others may have it, as after a healing that has come to nothing.
 */
function bookedBy(
  service: ServiceInstance,
  operations: readonly Operation[],
  there: ReadonlyMap<string, RunningUnit>,
) {
  const operation = operations.find(({ id }) => id === service.operation);
  const pending = operation === undefined || operation.placement === null ? NO_SHAPE : operation.target;
  const before = new Set(operation?.before.units.map(({ id }) => id));
  const placed = pending.units.filter(({ id }) => !before.has(id));
  const runs = ({ id }: UnitRecord) => ['running', 'starting'].includes(there.get(id)?.state ?? '');
  const all = new Map([...service.shape.units.filter(runs), ...placed].map((each) => [each.id, each]));
  const units = [...all.values()].flatMap(({ unit, host, site }) =>
    host === null || site === null ? [] : [{ unit, at: { unit: unit.id, host, site } }],
  );
  if (units.length === 0) return [];
  const named = new Set(units.map(({ unit }) => unit.id));
  const links = new Map([...service.shape.links, ...pending.links].map((each) => [each.link.id, each]));
  const booked = [...links.values()].filter(({ link }) => link.ends.every((end) => named.has(end)));
  return [
    {
      graph: {
        service: service.id,
        units: units.map(({ unit }) => unit),
        links: booked.map(({ link }) => link),
        spread: false,
      },
      placement: {
        service: service.id,
        units: units.map(({ at }) => at),
        links: booked.map(({ link, path }) => ({ link: link.id, path })),
      },
    },
  ];
}
