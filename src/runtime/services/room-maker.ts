import { migrationFromMs, migrationRule, movedByItself } from '../../core/lifecycle/migration.ts';
import { isOver } from '../../core/lifecycle/operation-machine.ts';
import { leftOver } from '../../core/placement/left-over.ts';
import { type MovableUnit, movesForRoom } from '../../core/placement/moves-for-room.ts';
import type { Clock } from '../../ports/clock.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import type { PlacementOutcome, PlacementRequest } from './placer.ts';
import type { ServiceManager } from './service-manager.ts';

export interface RoomMakerDeps {
  readonly manager: Pick<ServiceManager, 'services' | 'listen' | 'improve' | 'operation'>;
  readonly substrate: Substrate;
  readonly clock: Clock;
  wallMs(): number;
  onTrouble(text: string): void;
}

/** For one that was refused so many units of others move, one after the other, and so many are asked each time. */
export const MOST_MOVES = 3;
export const MOST_ASKED = 8;
/** All of it takes so long, ms. */
const WITHIN_MS = 30_000;

const QUIET: ReadonlySet<string> = new Set(['CONFLICT', 'NOT_FOUND', 'UNSATISFIED']);

/**
 * Where something was refused although, all in all, enough is free: has units of other services moved so that a larger piece is free, and
 * tries again. What may be moved is what a migration may move by itself, each by an auction of its own, make before break; services with
 * `migration: off` stay. For one at a time: who is refused meanwhile is refused.
 */
export class RoomMaker {
  readonly #deps: RoomMakerDeps;
  #busy = false;

  constructor(deps: RoomMakerDeps) {
    this.#deps = deps;
  }

  /** Tries `place` again after each move, until it is placed or no move helps. Rejects when the signal aborts. */
  async placeAgain(
    refused: PlacementOutcome,
    request: PlacementRequest,
    name: string,
    place: () => Promise<PlacementOutcome>,
    signal: AbortSignal,
  ): Promise<PlacementOutcome> {
    if (refused.kind === 'placed') return refused;
    if (this.#busy) {
      const helps = this.#candidates(request).length > 0;
      const wait = 'others may make room for it, and do so for another service now';
      return helps ? { ...refused, reasons: [...refused.reasons, wait] } : refused;
    }
    this.#busy = true;
    const late = new AbortController();
    const { clock } = this.#deps;
    const timer = clock.at(clock.nowMs() + WITHIN_MS, () => late.abort());
    try {
      let outcome: PlacementOutcome = refused;
      let moved = 0;
      while (outcome.kind === 'refused' && moved < MOST_MOVES) {
        if (!(await this.#moveOne(request, name, AbortSignal.any([signal, late.signal])))) break;
        moved += 1;
        outcome = await place();
      }
      signal.throwIfAborted();
      if (outcome.kind === 'placed' || moved === 0) return outcome;
      const units = moved === 1 ? 'one unit of another service' : `${moved} units of other services`;
      return { ...outcome, reasons: [...outcome.reasons, `${units} made room, and that was not enough`] };
    } finally {
      timer.cancel();
      this.#busy = false;
    }
  }

  /** Whether one has moved. */
  async #moveOne(request: PlacementRequest, name: string, signal: AbortSignal): Promise<boolean> {
    // Begun before a crash, or because it costs less: it may be all that is needed.
    const underWay = await this.#migrationUnderWay();
    if (underWay !== undefined) return (await this.#over(underWay, signal))?.state === 'COMPLETED';
    for (const { service, unit } of this.#candidates(request).slice(0, MOST_ASKED)) {
      if (signal.aborted) return false;
      const begun = await this.#move(service, unit.id, name);
      if (begun !== undefined && (await this.#over(begun, signal))?.state === 'COMPLETED') return true;
    }
    return false;
  }

  async #migrationUnderWay(): Promise<Operation | undefined> {
    const { manager } = this.#deps;
    for (const { operation: id } of manager.services) {
      // Of one that is gone by now nothing is waited for.
      const operation = id === null ? undefined : await manager.operation(id).catch(() => undefined);
      if (operation?.params.kind === 'migrate' && operation.state === 'PROCESSING') return operation;
    }
    return undefined;
  }

  #candidates({ graph, keep, avoidSites }: PlacementRequest) {
    const { manager, substrate } = this.#deps;
    const nowMs = this.#deps.wallMs();
    const has = new Set(keep.map(({ unit }) => unit));
    const wanted = graph.units.filter(({ id }) => !has.has(id));
    const left = leftOver(substrate, manager.services).hosts.filter(({ site }) => !avoidSites.includes(site));
    const movable = manager.services
      .filter((each) => each.id !== graph.service && isQuiet(each, nowMs))
      .flatMap((service) =>
        movedByItself(service.shape, migrationRule(service.wanted)).flatMap(
          ({ unit, host }): (MovableUnit & { readonly service: ServiceInstance })[] =>
            host === null ? [] : [{ service, unit, host }],
        ),
      );
    return movesForRoom(left, wanted, movable);
  }

  /** Undefined: nobody takes it, or it is being changed by now. */
  async #move(
    { id, name }: ServiceInstance,
    unit: string,
    forService: string,
  ): Promise<Operation | undefined> {
    const { manager, onTrouble } = this.#deps;
    try {
      const occasion = { reason: '', automatic: true };
      return (await manager.improve(id, {}, occasion, { unit, forService })).operation;
    } catch (error) {
      if (!(error instanceof MusterError && QUIET.has(error.code)))
        onTrouble(`${name} makes no room: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  /** As it ended, or waits for an operator; undefined: it is not waited for any longer. */
  async #over({ id }: Operation, signal: AbortSignal): Promise<Operation | undefined> {
    const { manager } = this.#deps;
    const stands = ({ state }: Operation) => isOver(state) || state === 'FAILED_TEMP';
    return new Promise((resolve, reject) => {
      const leave = () => end(undefined);
      const unlisten = manager.listen((event) => {
        if (event.kind === 'operation' && event.operation.id === id && stands(event.operation))
          end(event.operation);
      });
      const end = (operation: Operation | undefined) => {
        unlisten();
        signal.removeEventListener('abort', leave);
        resolve(operation);
      };
      signal.addEventListener('abort', leave, { once: true });
      if (signal.aborted) leave();
      // It may have been quick.
      manager.operation(id).then((now) => {
        if (stands(now)) end(now);
      }, reject);
    });
  }
}

function isQuiet(service: ServiceInstance, nowMs: number): boolean {
  const { state, operation, shape, wanted } = service;
  const rule = migrationRule(wanted);
  return (
    !rule.off &&
    state === 'INSTANTIATED' &&
    operation === null &&
    nowMs >= migrationFromMs(service, rule) &&
    shape.units.every((each) => each.state === 'running')
  );
}
