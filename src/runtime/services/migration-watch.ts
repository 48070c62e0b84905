import { costOf, migrationFromMs, migrationRule, movedByItself } from '../../core/lifecycle/migration.ts';
import { isOver, whyNoRollback } from '../../core/lifecycle/operation-machine.ts';
import { shapeDifference } from '../../core/lifecycle/operation-steps.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { ServiceManager } from './service-manager.ts';

export interface MigrationWatchDeps {
  readonly manager: ServiceManager;
  wallMs(): number;
  onTrouble(text: string): void;
}

/** A service that has changed, or what something has left free, is left alone for so long: more may follow. */
const SETTLED_MS = 5000;
/** How often a service is asked about where nothing has happened, and how often at most; and how long after any other. */
const EVERY_MS = 600_000;
const AT_MOST_EVERY_MS = 30_000;
const AFTER_OTHERS_MS = 1000;

/**
 * Asks for services that run whether they would cost less elsewhere: when something was freed, and now and then. One at a time, and none
 * while it is changed or waits for something. A migration makes its service cheaper by its margin, and what else Muster does by itself for
 * gain makes one dearer only where another takes its place at once (`RoomMaker`): so nothing goes to and fro.
 */
export class MigrationWatch {
  readonly #deps: MigrationWatchDeps;
  readonly #askedAtMs = new Map<string, number>();
  readonly #unlisten: () => void;
  #freedAtMs = Number.NEGATIVE_INFINITY;
  #lastMs = Number.NEGATIVE_INFINITY;
  #asking = false;
  /** Migrations that were to give way, and wait to be undone. */
  readonly #cancelled = new Set<string>();
  /** The operation that was begun last. */
  #begun: string | undefined;

  constructor(deps: MigrationWatchDeps) {
    this.#deps = deps;
    this.#unlisten = deps.manager.listen((event) => {
      if (event.kind === 'service' && event.change === 'removed') this.#askedAtMs.delete(event.service.id);
      if (event.kind !== 'operation') return;
      const { state, before, target } = event.operation;
      const gone = shapeDifference(before, target).gone.length > 0;
      if (isOver(state) && state !== 'ROLLED_BACK' && gone) this.freed();
    });
  }

  stop(): void {
    this.#unlisten();
  }

  /** There may be more room than before. */
  freed(): void {
    this.#freedAtMs = this.#deps.wallMs();
  }

  /** Asks for the service that is due for the longest time; none while another is asked for, or moves. */
  look(): void {
    const { manager } = this.#deps;
    const nowMs = this.#deps.wallMs();
    const { services } = manager;
    // One that is new has just been bargained for.
    for (const { id } of services)
      if (!this.#askedAtMs.has(id)) this.#askedAtMs.set(id, nowMs - AT_MOST_EVERY_MS);
    if (this.#asking || nowMs - this.#lastMs < AFTER_OTHERS_MS) return;
    if (this.#begun !== undefined && services.some(({ operation }) => operation === this.#begun)) return;
    const [next] = services
      .filter((each) => this.#isDue(each, nowMs))
      .toSorted((a, b) => this.#askedMs(a) - this.#askedMs(b));
    if (next === undefined) return;
    this.#askedAtMs.set(next.id, nowMs);
    this.#asking = true;
    const asked = () => {
      this.#asking = false;
      this.#lastMs = this.#deps.wallMs();
    };
    this.#ask(next).then(asked, asked);
  }

  /**
   * A migration that Muster has begun gives way to healing as long as it can be undone: where a unit of those that stay has failed, or
   * one that it starts is out of reach, it would only be waited for.
   */
  async giveWay({ operation: id, shape }: ServiceInstance): Promise<void> {
    const { manager } = this.#deps;
    const broken = shape.units.filter(({ state, site }) => state === 'failed' || manager.isLost(site));
    if (id === null || (broken.length === 0 && !this.#cancelled.has(id))) return;
    const operation = await manager.operation(id);
    const { automatic, params, state, steps, target } = operation;
    if (!automatic || params.kind !== 'migrate') return;
    const doing = steps.find((each) => each.state === 'doing');
    const inTheWay = target.units.some((each) => broken.some((one) => one.id === each.id));
    if (state === 'PROCESSING' && inTheWay && doing !== undefined && UNDONE.has(doing.kind)) {
      if (operation.cancelPending) return;
      this.#cancelled.add(id);
      await manager.cancel(id);
    } else if (state === 'FAILED_TEMP' && this.#cancelled.delete(id)) {
      await (whyNoRollback(operation) === undefined ? manager.rollback(id) : manager.retry(id));
    }
  }

  async #ask({ id, name }: ServiceInstance): Promise<void> {
    const { manager, onTrouble } = this.#deps;
    try {
      const { operation } = await manager.improve(id, {}, { reason: '', automatic: true });
      this.#begun = operation?.id;
    } catch (error) {
      // It is changed by somebody else, or nobody bids: it is asked for again in its time.
      if (error instanceof MusterError && QUIET.has(error.code)) return;
      onTrouble(`${name} is not improved: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  #askedMs({ id }: ServiceInstance): number {
    return this.#askedAtMs.get(id) ?? Number.NEGATIVE_INFINITY;
  }

  #isDue(service: ServiceInstance, nowMs: number): boolean {
    const askedMs = this.#askedMs(service);
    const roomCame = this.#freedAtMs >= askedMs && nowMs - this.#freedAtMs >= SETTLED_MS;
    const sinceMs = nowMs - askedMs;
    if (!(roomCame && sinceMs >= AT_MOST_EVERY_MS) && sinceMs < EVERY_MS) return false;
    return this.#mayMove(service, nowMs);
  }

  #mayMove(service: ServiceInstance, nowMs: number): boolean {
    const { state, operation, notes, shape, updatedAtMs, wanted } = service;
    const rule = migrationRule(wanted);
    if (rule.off || state !== 'INSTANTIATED' || operation !== null || notes.length > 0) return false;
    if (nowMs - updatedAtMs < SETTLED_MS || nowMs < migrationFromMs(service, rule)) return false;
    const isWell = shape.units.every(
      (each) => each.state === 'running' && !this.#deps.manager.isLost(each.site),
    );
    return isWell && costOf(shape) > 0 && movedByItself(shape, rule).length > 0;
  }
}

/** Steps that may take long, before the old units are touched. */
const UNDONE: ReadonlySet<string> = new Set(['place', 'start-units', 'await-health', 'configure']);

const QUIET: ReadonlySet<string> = new Set(['CONFLICT', 'NOT_FOUND', 'UNSATISFIED']);
