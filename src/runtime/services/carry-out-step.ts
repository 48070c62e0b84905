import { leaveUnitsOut } from '../../core/chaining/leave-units-out.ts';
import { predecessors, successorPlaces } from '../../core/lifecycle/migration.ts';
import type { Complaint } from '../../core/lifecycle/operation-machine.ts';
import { shapeDifference } from '../../core/lifecycle/operation-steps.ts';
import type { Records, StepResult } from '../../core/lifecycle/step-records.ts';
import { raisedLinks } from '../../core/service-plan/booked-amounts.ts';
import { chainMatch } from '../../core/service-plan/service-chains.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Infrastructure, UnitOrder } from '../../ports/infrastructure.ts';
import type { StepKind } from '../../protocol/operation-record.ts';
import type { ChainRecord, UnitRecord } from '../../protocol/service-record.ts';
import { awaitUnits } from './await-units.ts';
import type { Placer } from './placer.ts';
import type { PlanSources } from './plan-of.ts';
import type { RoomMaker } from './room-maker.ts';
import { carryOutAction, configureAsBefore, configureUnits, deconfigureUnits } from './run-primitives.ts';
import { StepFailure } from './step-failure.ts';

export interface StepTools extends PlanSources {
  readonly infrastructure: Infrastructure;
  readonly placer: Placer;
  readonly clock: Clock;
  /** How long new units have to run and answer. */
  readonly startWithinMs: number;
  /** Absent: what is refused is refused. */
  readonly roomMaker?: Pick<RoomMaker, 'placeAgain'>;
  /** Whether nobody can reach a site now: what is there is stopped when it is back. */
  isLost(site: string | null): boolean;
}

export interface StepOutcome extends StepResult {
  readonly warnings?: readonly Complaint[];
}

/** How many units are started or stopped at once. */
const AT_ONCE = 16;

/** Brings about what a step is for. May be repeated: what has been done already is left as it is. Throws what stands in its way. */
export async function carryOutStep(
  kind: StepKind,
  { service, operation }: Records,
  tools: StepTools,
  signal: AbortSignal,
): Promise<StepOutcome> {
  const { infrastructure, placer, packages } = tools;
  const { added, gone } = shapeDifference(operation.before, operation.target);
  const insteadOf = predecessors(operation);
  switch (kind) {
    case 'hold-packages':
      await inTurn(Object.keys(operation.packages), (name) => packages.hold(name, service.id));
      return {};
    case 'place': {
      const { graph, avoidSites } = operation;
      if (graph === null) return {};
      const fresh = new Set(added.map(({ id }) => id));
      const keep = operation.target.units.flatMap(({ id, unit, host, site }) =>
        host === null || site === null || fresh.has(id) ? [] : [{ unit: unit.id, host, site }],
      );
      const at = successorPlaces(operation);
      const request = { id: operation.id, graph, keep, avoidSites, ...(at === undefined ? {} : { at }) };
      const place = () => placer.place(request, signal);
      let outcome = await place();
      // What has been offered its places is not worth moving others for.
      if (at === undefined && tools.roomMaker !== undefined)
        outcome = await tools.roomMaker.placeAgain(outcome, request, service.name, place, signal);
      if (outcome.kind === 'placed') return { placement: outcome.placement };
      throw new StepFailure(
        `${added.length > 0 ? 'no place is found' : 'it is not booked'}: ${outcome.reasons.join('; ')}`,
        'make room, or ask for less',
      );
    }
    case 'start-units': {
      const records = added
        .map(({ id }) => service.shape.units.find((each) => each.id === id))
        .filter((each) => each !== undefined);
      await inTurn(records, async (record) => {
        await infrastructure.start(orderOf(service.id, record, insteadOf.get(record.id)?.id));
      });
      return {};
    }
    case 'await-health': {
      const ids = added.map(({ id }) => id);
      const step = operation.steps.find((each) => each.kind === kind);
      if ((step?.attempts ?? 0) > 1) await startAgain(added, { service, operation }, infrastructure);
      const running = await awaitUnits(infrastructure, tools.clock, ids, tools.startWithinMs, signal);
      const units = added.map((each): UnitRecord => {
        const found = running.find(({ id }) => id === each.id);
        return { ...each, state: 'running', reason: null, addresses: { ...found?.addresses } };
      });
      return { units };
    }
    case 'configure':
      return configureUnits({ service, operation }, tools, signal);
    case 'act':
      return carryOutAction({ service, operation }, tools, signal);
    case 'set-chains':
      await setChains(
        service.id,
        operation.target.chains,
        [...service.shape.chains, ...operation.before.chains],
        service.shape.units,
        infrastructure,
      );
      return {};
    case 'deconfigure':
      return deconfigureUnits({ service, operation }, tools, signal);
    case 'stop-units':
      await inTurn(gone, async ({ id, site }) => {
        // What nobody can reach is stopped when its site is back; until then nothing of it gets in the way of what takes its place.
        if (tools.isLost(site)) await infrastructure.fence?.(id);
        else await infrastructure.stop(id);
      });
      return {};
    case 'release':
      if (operation.params.kind === 'terminate') await placer.release(service.id);
      else
        await placer.release(
          service.id,
          gone.map(({ unit }) => unit.id),
        );
      return {};
    case 'let-packages-go': {
      const still = operation.params.kind === 'terminate' ? [] : Object.keys(operation.packages);
      for (const name of service.held) {
        if (!still.includes(name)) await packages.letGo(name, service.id);
      }
      return {};
    }
    default:
      return kind satisfies never;
  }
}

/** Takes back what a step has brought about, or has begun to. May be repeated. */
export async function undoStep(
  kind: StepKind,
  { service, operation }: Records,
  tools: StepTools,
): Promise<StepOutcome> {
  const { infrastructure, placer, packages } = tools;
  const { added } = shapeDifference(operation.before, operation.target);
  switch (kind) {
    case 'hold-packages':
      for (const name of Object.keys(operation.packages)) {
        if (!Object.hasOwn(service.packages, name)) await packages.letGo(name, service.id);
      }
      return {};
    case 'place':
      await placer.release(
        service.id,
        added.map(({ unit }) => unit.id),
      );
      if (raisedLinks(operation.graph, operation.before.links).length > 0) {
        await placer.lower(
          service.id,
          operation.before.links.map(({ link }) => link),
        );
      }
      return {};
    case 'start-units':
      await inTurn(added, async ({ id, site }) => {
        if (!tools.isLost(site)) await infrastructure.stop(id);
      });
      return {};
    case 'set-chains':
      await setChains(
        service.id,
        operation.before.chains,
        operation.target.chains,
        service.shape.units,
        infrastructure,
      );
      return {};
    case 'configure':
      // What is done to new units goes with them.
      return configureAsBefore({ service, operation }, tools);
    default:
      return {};
  }
}

/**
 * Sets chains, new before old ones are taken away. Where units share the flows of a step those that run carry them; a chain with a step of
 * which none runs is left as it is, and comes with their healing.
 */
export async function setChains(
  service: string,
  wanted: readonly ChainRecord[],
  there: readonly ChainRecord[],
  units: readonly UnitRecord[],
  infrastructure: Infrastructure,
): Promise<void> {
  const running = new Map(units.filter(({ state }) => state === 'running').map((each) => [each.id, each]));
  for (const each of wanted) {
    const chain = leaveUnitsOut(each, (unit) => !running.has(unit));
    const match = chain && chainMatch(chain, (unit, name) => running.get(unit)?.addresses[name]);
    if (chain === undefined || match === undefined) continue;
    const { protocol, source, destination, sourcePort, destinationPort } = match;
    await infrastructure.setChain({
      id: chain.id,
      service,
      match: {
        ...(protocol === undefined ? {} : { protocol }),
        ...(source === undefined ? {} : { source }),
        ...(destination === undefined ? {} : { destination }),
        ...(sourcePort === undefined ? {} : { sourcePort }),
        ...(destinationPort === undefined ? {} : { destinationPort }),
      },
      hops: chain.hops,
    });
  }
  const stay = new Set(wanted.map(({ id }) => id));
  for (const id of new Set(there.map((each) => each.id)))
    if (!stay.has(id)) await infrastructure.removeChain(id);
}

/** What a unit of record is ordered with. @throws StepFailure when it has no place. */
export function orderOf(
  service: string,
  { id, unit, host, recipe }: UnitRecord,
  insteadOf?: string,
): UnitOrder {
  if (host === null) throw new StepFailure(`${id} has no place`, 'rollback, and apply again');
  const { image, interfaces, cloudInit, parameters } = recipe;
  return {
    id,
    service,
    unit,
    host,
    image,
    interfaces: interfaces.map(({ name, link, address }) => ({
      name,
      link,
      ...(address === undefined ? {} : { address }),
    })),
    ...(cloudInit === undefined ? {} : { cloudInit }),
    parameters,
    ...(insteadOf === undefined ? {} : { insteadOf }),
  };
}

/** Units that have failed are taken away and ordered anew, under their own names. */
async function startAgain(
  units: readonly UnitRecord[],
  { service, operation }: Records,
  infrastructure: Infrastructure,
): Promise<void> {
  const insteadOf = predecessors(operation);
  const there = new Map((await infrastructure.list()).map((each) => [each.id, each.state]));
  await inTurn(units, async (record) => {
    const state = there.get(record.id);
    if (state === 'running' || state === 'starting') return;
    await infrastructure.stop(record.id);
    await infrastructure.start(orderOf(service.id, record, insteadOf.get(record.id)?.id));
  });
}

/** Some at once; the first error is thrown when all that had begun have ended, so that nothing goes on behind it. */
async function inTurn<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    const ended = await Promise.allSettled(items.slice(at, at + AT_ONCE).map(act));
    const failed = ended.find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }
}
