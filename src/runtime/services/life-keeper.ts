import { leaveUnitsOut } from '../../core/chaining/leave-units-out.ts';
import { unitsOfHop } from '../../core/chaining/units-of-hop.ts';
import { healingRule, judgeHealing } from '../../core/lifecycle/healing.ts';
import { judgePartition } from '../../core/lifecycle/partition.ts';
import type { PlannedVnf } from '../../core/service-plan/resolve-vnfs.ts';
import type { Clock, Timer } from '../../ports/clock.ts';
import type { Infrastructure, RunningUnit } from '../../ports/infrastructure.ts';
import { MusterError } from '../../protocol/errors.ts';
import { type NodeName, NodeNameSchema } from '../../protocol/ids.ts';
import type { OperationParams } from '../../protocol/operation-record.ts';
import type { ServiceInstance, UnitRecord } from '../../protocol/service-record.ts';
import { AlarmWatch, alarmMeasures } from './alarm-watch.ts';
import { setChains } from './carry-out-step.ts';
import { forgetOthers, serviceOf } from './forget-others.ts';
import { inBounds } from './in-bounds.ts';
import { MigrationWatch } from './migration-watch.ts';
import { type PlanSources, planOf } from './plan-of.ts';
import { ScalingWatch, scalingMeasures } from './scaling-watch.ts';
import type { ServiceManager } from './service-manager.ts';
import { type Readings, UsageWatch } from './usage-watch.ts';

export interface LifeKeeperDeps extends PlanSources {
  readonly manager: ServiceManager;
  readonly infrastructure: Infrastructure;
  readonly clock: Clock;
  wallMs(): number;
  /** How often it looks. */
  readonly everyMs: number;
  onTrouble(text: string): void;
}

type Note = { readonly key: string; readonly text: string };

/**
 * Looks after services that run: heals what fails, scales by load, deals with sites that are silent, moves to where it costs less. Says what
 * waits, and for what.
 */
export class LifeKeeper {
  readonly #deps: LifeKeeperDeps;
  readonly #usage: UsageWatch;
  readonly #scaling: ScalingWatch;
  readonly #alarms: AlarmWatch;
  readonly #migration: MigrationWatch;
  readonly #lostAtMs = new Map<NodeName, number>();
  /** Notes as they were stored last, by service. */
  readonly #noted = new Map<string, string>();
  /** When units of a VDU were last moved away from a site that is silent, by service, site, VNF and VDU. */
  readonly #movedAtMs = new Map<string, number>();
  /** By service and site: when a service was changed last before its chains through a silent site were taken away. */
  readonly #fenced = new Map<string, number>();
  readonly #plans = new Map<string, { readonly revision: string; readonly vnfs: readonly PlannedVnf[] }>();
  /** Services of which a unit has ended that was being started: whether it runs is looked at once that is over. */
  readonly #doubted = new Set<string>();
  #timer: Timer | undefined;
  #unlisten: (() => void) | undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(deps: LifeKeeperDeps) {
    this.#deps = deps;
    this.#usage = new UsageWatch(deps.infrastructure, () => deps.wallMs());
    this.#scaling = new ScalingWatch(() => deps.wallMs());
    this.#alarms = new AlarmWatch(() => deps.wallMs());
    this.#migration = new MigrationWatch(deps);
  }

  start(): void {
    this.#unlisten = this.#deps.infrastructure.onChange((unit) => this.#heard(unit));
    this.#tick();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#unlisten?.();
    this.#migration.stop();
    await this.#looking;
  }

  /** A site does not answer any more, since `sinceMs` of the clock of the wall; absent: since now. */
  siteLost(name: string, sinceMs: number = this.#deps.wallMs()): void {
    const site = NodeNameSchema.parse(name);
    if (!this.#lostAtMs.has(site)) this.#lostAtMs.set(site, sinceMs);
    this.#deps.manager.setLost(site, true);
    this.#look();
  }

  /** A site answers again. What runs there and has been replaced meanwhile is stopped before anything else is done. */
  async siteBack(name: string): Promise<void> {
    const { manager, infrastructure } = this.#deps;
    const known = new Set(manager.services.flatMap(({ shape }) => shape.units.map(({ id }) => id)));
    for (const { id } of await infrastructure.list()) {
      if (known.has(id)) continue;
      // One that cannot be stopped now keeps nothing else of its site from being looked after.
      await infrastructure.stop(id).catch((error: unknown) => {
        this.#deps.onTrouble(`${id}, which has been replaced, does not stop: ${String(error)}`);
      });
    }
    this.#lostAtMs.delete(NodeNameSchema.parse(name));
    for (const key of this.#movedAtMs.keys()) if (key.includes(` ${name} `)) this.#movedAtMs.delete(key);
    manager.setLost(name, false);
    this.#migration.freed();
    for (const service of manager.services) {
      if (!this.#fenced.delete(fencedKey(service, name))) continue;
      const { chains, units } = service.shape;
      const stillCut = ({ site }: UnitRecord) => site !== null && this.#fenced.has(fencedKey(service, site));
      const cut = new Set(units.filter(stillCut).map(({ id }) => id));
      const back = chains.flatMap((each) => leaveUnitsOut(each, (unit) => cut.has(unit)) ?? []);
      await setChains(service.id, back, [], units, infrastructure);
    }
    this.#look();
  }

  /** Services of which something is remembered. */
  remembered(): ReadonlySet<string> {
    const keys = [this.#noted, this.#movedAtMs, this.#fenced, this.#plans, this.#doubted].flatMap((each) => [
      ...each.keys(),
    ]);
    const watches = [this.#usage, this.#scaling, this.#alarms];
    return new Set([...keys.map(serviceOf), ...watches.flatMap((each) => each.remembered())]);
  }

  /** Of services that do not run any more nothing is remembered; of those that begin to, which units have ended. */
  #forgetGone(): void {
    const { services } = this.#deps.manager;
    const run = new Set(services.filter(({ state }) => state === 'INSTANTIATED').map(({ id }) => id));
    for (const each of [this.#noted, this.#movedAtMs, this.#fenced, this.#plans]) forgetOthers(each, run);
    for (const each of [this.#usage, this.#scaling, this.#alarms]) each.keepOnly(run);
    forgetOthers(this.#doubted, new Set(services.map(({ id }) => id)));
  }

  #tick(): void {
    const { clock, everyMs } = this.#deps;
    this.#timer = clock.at(clock.nowMs() + everyMs, () => {
      this.#look();
      if (!this.#stopped) this.#tick();
    });
  }

  /** One look at a time; who asks during one has another after it. */
  #look(): void {
    if (this.#stopped) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    this.#looking = this.#lookAtAll()
      .catch((error: unknown) => this.#deps.onTrouble(`services are not looked after: ${String(error)}`))
      .finally(() => {
        this.#looking = undefined;
        if (this.#again) {
          this.#again = false;
          this.#look();
        }
      });
  }

  #heard(found: RunningUnit): void {
    const service = this.#deps.manager.services.find(({ id }) => id === found.service);
    const before = service?.shape.units.find(({ id }) => id === found.id);
    const ends = hasEnded(found);
    if (service === undefined || before === undefined || before.state === 'stopping') return;
    if (ends && before.state === 'ordered') this.#doubted.add(service.id);
    // Whoever starts it waits for it to run.
    if (!ends && before.state !== 'failed') return;
    const state = ends ? ('failed' as const) : ('running' as const);
    const { reason = ends ? 'it has ended' : undefined } = found;
    this.#deps.manager
      .amend(service.id, (now) => {
        const units = now.shape.units.map((each) =>
          each.id === found.id && each.state !== 'stopping' && each.state !== 'ordered'
            ? {
                ...each,
                state,
                reason: reason === undefined ? null : inBounds(reason),
                addresses: { ...found.addresses },
              }
            : each,
        );
        return { ...now, shape: { ...now.shape, units } };
      })
      .then(
        () => this.#look(),
        (error: unknown) => this.#deps.onTrouble(`${found.id} has ${found.state}: ${String(error)}`),
      );
  }

  async #lookAtAll(): Promise<void> {
    for (const service of this.#deps.manager.services) {
      if (this.#stopped) return;
      if (service.state !== 'INSTANTIATED') continue;
      try {
        if (service.operation === null) await this.#lookAfter(service);
        else {
          await this.#migration.giveWay(service);
          // Whatever is done to it, and also while that waits for somebody.
          await this.#judgeAlarms(service, await this.#vnfsOf(service));
        }
      } catch (error) {
        // Somebody else's operation was quicker: looked at again when it is over.
        if (error instanceof MusterError && error.code === 'CONFLICT') continue;
        this.#deps.onTrouble(`${service.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    this.#forgetGone();
    // Nobody waits for what agents say.
    this.#migration.look();
  }

  async #lookAfter(service: ServiceInstance): Promise<void> {
    if (this.#doubted.delete(service.id)) {
      const all = await this.#deps.infrastructure.list();
      for (const found of all) if (found.service === service.id && hasEnded(found)) this.#heard(found);
    }
    const vnfs = await this.#vnfsOf(service);
    const notes: Note[] = [];
    const lost = await this.#lostUnits(service, vnfs, notes);
    const due = [...lost, ...this.#failedUnits(service, vnfs, notes)];
    if (due.length > 0) {
      const units = [...new Set(due.map(({ unit }) => unit.id))];
      const reason = [...new Set(due.map((each) => each.reason))].join('; ');
      await this.#begin(service, { kind: 'heal', units, cause: reason.slice(0, 1000) }, reason);
      for (const { unit } of lost)
        this.#movedAtMs.set(movedKey(service, unit.site ?? '', unit), this.#deps.wallMs());
      return;
    }
    const readings = await this.#judgeAlarms(service, vnfs);
    const verdict = this.#scaling.judge(service, vnfs, readings, (key, text) => notes.push({ key, text }));
    if (verdict !== undefined) {
      const { vnf, aspect, direction, reason } = verdict;
      await this.#begin(service, { kind: 'scale', vnf, aspect, direction, steps: 1 }, reason);
      return;
    }
    await this.#note(service, notes);
  }

  /** Measures what its rules and alarms look at, and tells of alarms that have changed. */
  async #judgeAlarms(service: ServiceInstance, vnfs: readonly PlannedVnf[]): Promise<Readings> {
    const readings = await this.#usage.measure(service, [...scalingMeasures(vnfs), ...alarmMeasures(vnfs)]);
    const judged = this.#alarms.judge(service, vnfs, readings);
    if (judged !== undefined) await this.#deps.manager.setAlarms(service.id, judged.alarms, judged.changes);
    return readings;
  }

  /** Units that have failed and may be healed now. */
  #failedUnits(service: ServiceInstance, vnfs: readonly PlannedVnf[], notes: Note[]) {
    return service.shape.units
      .filter(({ state, site }) => state === 'failed' && !this.#deps.manager.isLost(site))
      .flatMap((unit) =>
        this.#judged(
          vnfs,
          unit,
          `${unit.unit.id} has failed (${unit.reason ?? 'no reason is known'})`,
          service.marks.healedAtMs[`${unit.vnf}/${unit.vdu}`],
          notes,
        ),
      );
  }

  #judged(
    vnfs: readonly PlannedVnf[],
    unit: UnitRecord,
    about: string,
    lastMs: number | undefined,
    notes: Note[],
  ) {
    const vnf = vnfs.find(({ id }) => id === unit.vnf);
    if (vnf === undefined) return [];
    const verdict = judgeHealing(healingRule(vnf, unit.vdu), about, lastMs, this.#deps.wallMs());
    if (verdict.kind === 'heal') return [{ unit, reason: verdict.reason }];
    notes.push({
      key: `${verdict.kind}/${unit.id}/${'untilMs' in verdict ? verdict.untilMs : ''}`,
      text: verdict.reason,
    });
    return [];
  }

  /** Units on silent sites that move now. */
  async #lostUnits(service: ServiceInstance, vnfs: readonly PlannedVnf[], notes: Note[]) {
    const due: { readonly unit: UnitRecord; readonly reason: string }[] = [];
    for (const [site, lostAtMs] of this.#lostAtMs) {
      const there = service.shape.units.filter((each) => each.site === site);
      if (there.length === 0) continue;
      const verdict = judgePartition(service, site, lostAtMs, this.#deps.wallMs());
      notes.push({ key: `${verdict.kind}/${site}`, text: verdict.reason });
      if (verdict.kind === 'move') {
        // That a unit was healed a moment ago, before anybody knew of the site, keeps none of them there.
        const last = (unit: UnitRecord) => this.#movedAtMs.get(movedKey(service, site, unit));
        for (const unit of there) {
          due.push(...this.#judged(vnfs, unit, verdict.reason, last(unit), notes));
        }
      }
      // An operation since may have set them again.
      if (verdict.kind === 'fence' && this.#fenced.get(fencedKey(service, site)) !== service.updatedAtMs) {
        await this.#leadAround(service, there);
        this.#fenced.set(fencedKey(service, site), service.updatedAtMs);
      }
    }
    return due;
  }

  /** Flows through these units go through others that share them, as far as those can be reached; chains without such are taken away. */
  async #leadAround({ id, shape }: ServiceInstance, cut: readonly UnitRecord[]): Promise<void> {
    const isOut = (unit: string) => cut.some((each) => each.id === unit);
    const through = shape.chains.filter(({ hops }) => hops.some((hop) => unitsOfHop(hop).some(isOut)));
    const lost = new Set(
      shape.units.filter(({ site }) => site !== null && this.#lostAtMs.has(site)).map((each) => each.id),
    );
    const left = through.flatMap((each) => leaveUnitsOut(each, (unit) => lost.has(unit)) ?? []);
    await setChains(id, left, through, shape.units, this.#deps.infrastructure);
  }

  async #begin(service: ServiceInstance, params: OperationParams, reason: string): Promise<void> {
    this.#scaling.forget(service.id);
    await this.#deps.manager.begin(service.id, params, {
      reason,
      automatic: true,
      avoidSites: [...this.#lostAtMs.keys()],
    });
  }

  /** Notes are stored when something else waits than before, not for every second that has passed. */
  async #note(service: ServiceInstance, notes: readonly Note[]): Promise<void> {
    const keys = notes
      .map(({ key }) => key)
      .toSorted()
      .join('\n');
    if ((this.#noted.get(service.id) ?? (service.notes.length === 0 ? '' : undefined)) === keys) return;
    await this.#deps.manager.amend(service.id, (now) => ({
      ...now,
      notes: notes.map(({ text }) => inBounds(text)).slice(0, 200),
    }));
    this.#noted.set(service.id, keys);
  }

  async #vnfsOf(service: ServiceInstance): Promise<readonly PlannedVnf[]> {
    const levels = new Map(service.shape.vnfs.map(({ id, levels: each }) => [id, each]));
    const revision = JSON.stringify([service.wanted, service.packages, [...levels]]);
    const kept = this.#plans.get(service.id);
    if (kept?.revision === revision) return kept.vnfs;
    const { plan } = await planOf(
      service.wanted,
      service.flavour,
      (vnf, aspect) => levels.get(vnf)?.[aspect],
      this.#deps,
    );
    this.#plans.set(service.id, { revision, vnfs: plan.vnfs });
    return plan.vnfs;
  }
}

function hasEnded({ state }: RunningUnit): boolean {
  return state === 'failed' || state === 'stopped';
}

function fencedKey({ id }: ServiceInstance, site: string): string {
  return `${id} ${site}`;
}

function movedKey({ id }: ServiceInstance, site: string, { vnf, vdu }: UnitRecord): string {
  return `${id} ${site} ${vnf}/${vdu}`;
}
