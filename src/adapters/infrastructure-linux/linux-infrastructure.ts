import type { ChainOrder, Infrastructure, RunningUnit, UnitOrder } from '../../ports/infrastructure.ts';
import { MusterError } from '../../protocol/errors.ts';
import { planUnit } from './address-plan.ts';
import { bundleFunctions } from './bundle-functions.ts';
import { findCgroups, unitCgroup, unitsWithCgroups } from './cgroups.ts';
import { createChainControl } from './chain-control.ts';
import type { Circuit } from './circuits.ts';
import { cleanUpInfrastructure } from './clean-up.ts';
import { readCloudInit } from './cloud-init.ts';
import type { HeldUnit } from './held-unit.ts';
import { tellUnit, unitDirectory } from './held-unit.ts';
import { routeHops } from './hop-routing.ts';
import { instanceOf, unitKey } from './names.ts';
import { prepareDirectory } from './prepare-directory.ts';
import { isAlive } from './process-identity.ts';
import { createQueue, createQueues } from './queue.ts';
import { resolveImage } from './resolve-image.ts';
import { distrust } from './signed-program.ts';
import { makeSites } from './sites.ts';
import { endOf, tailOfLog } from './unit-files.ts';
import { bringUp, endUnit, entryOf, runInside } from './unit-life.ts';
import type { PortOfUnit } from './unit-ports.ts';
import { portsOf } from './unit-ports.ts';
import { openStateFiles, UnitOrderSchema } from './unit-record.ts';
import { readUsage } from './usage.ts';
import { createVirtualLinks } from './virtual-links.ts';
import { watchUnits } from './watch-units.ts';

export interface LinuxInfrastructureOptions {
  /**
   * Where the state is kept while the machine is up, and what tells this infrastructure from others on it. Not below /tmp (units have one
   * of their own) nor in a directory that others may not pass through: `/run/muster-functions/NAME`.
   */
  readonly stateDir: string;
  /** Hosts by name, with the site that each is at. */
  readonly hosts: readonly { readonly name: string; readonly site: string }[];
  readonly circuits?: readonly Circuit[];
  readonly underlayMtu?: number;
  /** By whom signed programs must have been signed (ed25519, SPKI in base64); absent: none that is signed is started. */
  readonly operatorKey?: string | undefined;
  /** How often a unit is asked whether it is well. */
  readonly healthPeriodMs?: number;
  /** Told what was found damaged, taken away, or cannot be done here, in words. */
  readonly onNotice?: (notice: string) => void;
}

export interface LinuxInfrastructure extends Infrastructure {
  readonly kind: 'linux';
  /** Of all units that run. */
  ports(): readonly PortOfUnit[];
  /** Lets go of everything and leaves it running: the next one that is opened on the same directory takes it over. */
  close(): Promise<void>;
  /** Ends everything and takes it away. */
  destroy(): Promise<void>;
}

/**
 * Functions as processes of this machine: see docs/functions.md. Takes over what runs; ends what was begun and never finished. Throws
 * NEEDS_ROOT, and NOT_SUPPORTED where the machine lacks something.
 */
export async function openLinuxInfrastructure(
  options: LinuxInfrastructureOptions,
): Promise<LinuxInfrastructure> {
  const { hosts, circuits = [], underlayMtu = 1500, healthPeriodMs = 1000, onNotice = () => {} } = options;
  const stateDir = prepareDirectory(options.stateDir);
  const instance = instanceOf(stateDir);
  const mounts = findCgroups();
  const siteOf = new Map(hosts.map(({ name, site }) => [name, site]));
  const plan = {
    instance,
    sites: [...new Set(hosts.map(({ site }) => site))],
    circuits,
    underlayMtu,
    onNotice,
  };
  const state = openStateFiles(stateDir, (file, why) =>
    onNotice(`${file} cannot be read and is left out: ${why}`),
  );
  const [functions, fresh] = await Promise.all([bundleFunctions(stateDir), makeSites(plan)]);
  const links = createVirtualLinks(plan);
  const units = new Map<string, HeldUnit>();
  /** Those that could not be started: nothing is left of them but why, until they are stopped or ordered anew. */
  const failed = new Map<string, { readonly told: RunningUnit; readonly log: string }>();
  const chains = createChainControl(units, state, links, routeHops);
  const perUnit = createQueues();
  const network = createQueue();
  const listeners = new Set<(unit: RunningUnit) => void>();
  let open = true;

  const hold = (record: HeldUnit['record']): HeldUnit | { readonly refused: string } => {
    const program = resolveImage(record.order.image, functions);
    if ('refused' in program) return program;
    const { id } = record.order;
    return {
      record,
      program,
      dir: unitDirectory(stateDir, id),
      cgroup: unitCgroup(mounts, instance, unitKey(id)),
      state: 'starting',
      reason: undefined,
      stopping: false,
      complaints: 0,
      askedAtMs: 0,
    };
  };
  const get = (id: string): HeldUnit => {
    const unit = units.get(id);
    if (unit === undefined) {
      throw new MusterError('NOT_FOUND', `there is no unit ${id}`, {
        hint:
          units.size === 0 ? 'nothing runs here' : `there are ${[...units.keys()].slice(0, 10).join(', ')}`,
      });
    }
    return unit;
  };
  const leave = async (unit: HeldUnit) => {
    if (unit.record.fenced !== true) await links.leave(unit.record);
  };
  const fence = async (unit: HeldUnit) => {
    await network(() => leave(unit));
    unit.record = { ...unit.record, fenced: true };
    state.putUnit(unit.record);
    unit.state = 'failed';
    unit.reason = FENCED;
    for (const listener of listeners) listener(tellUnit(unit));
  };
  const remove = async (unit: HeldUnit) => {
    await endUnit(unit, () => network(() => leave(unit)));
    units.delete(unit.record.order.id);
    state.dropUnit(unit.record.order.id);
  };

  const start = async (given: UnitOrder): Promise<RunningUnit> => {
    const parsed = UnitOrderSchema.safeParse(given);
    const site = siteOf.get(given.host);
    if (!parsed.success || site === undefined) {
      const [issue] = parsed.error?.issues ?? [];
      const why =
        issue === undefined ? `there is no host ${given.host}` : `${issue.path.join('.')}: ${issue.message}`;
      throw new MusterError('NOT_FOUND', `unit ${given.id} cannot be ordered: ${why}`, {
        hint: `hosts: ${[...siteOf.keys()].slice(0, 20).join(', ')}`,
      });
    }
    const order = parsed.data;
    const before = units.get(order.id);
    if (before?.state === 'running') return tellUnit(before);
    if (before !== undefined) await remove(before);
    failed.delete(order.id);
    const refuse = (reason: string, log = ''): RunningUnit => {
      const { id, service, host } = order;
      const told: RunningUnit = { id, service, host, state: 'failed', addresses: {}, reason };
      failed.set(id, { told, log });
      for (const listener of listeners) listener(told);
      return told;
    };
    const init = readCloudInit(order.cloudInit ?? '#cloud-config\n');
    if ('refused' in init) return refuse(init.refused);
    const distrusted = await distrust(order.image, init.files, options.operatorKey);
    if (distrusted !== undefined) return refuse(distrusted);
    const unit = await network(async () => {
      const others = [...units.values()].map(({ record }) => record);
      const held = hold({ format: 1, order, site, ...planUnit(order, others), ready: false });
      if ('refused' in held) return held;
      state.putUnit(held.record);
      units.set(order.id, held);
      return held;
    });
    if ('refused' in unit) return refuse(unit.refused);
    let reason: string | undefined;
    try {
      reason = await bringUp(unit, init, state, async (pid) => {
        await network(() => links.join(unit.record, pid));
        // It has no devices before, and its program may need to pass on from its first moment.
        await chains.route(unit);
      });
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
    if (reason === undefined) {
      unit.record = { ...unit.record, ready: true };
      state.putUnit(unit.record);
      unit.state = 'running';
      return tellUnit(unit);
    }
    const log = tailOfLog(unit.dir, KEPT_LOG_BYTES);
    await remove(unit);
    return refuse(reason, log);
  };

  /** What a predecessor has left: what runs is taken over, what was half made is taken away. */
  const adopt = async () => {
    const known = new Set<string>();
    for (const record of state.units()) {
      const unit = hold(record);
      if ('refused' in unit) {
        onNotice(`${record.order.id}: ${unit.refused}`);
        continue;
      }
      known.add(unitKey(record.order.id));
      units.set(record.order.id, unit);
      if (record.fenced !== true) links.adopt(record);
    }
    // Only then: what is taken away leaves the bridges that others of its site are on.
    for (const unit of [...units.values()]) {
      const { record } = unit;
      if (!record.ready || fresh.includes(record.site)) {
        onNotice(`${record.order.id} was never finished, or its site is new: taken away`);
        await remove(unit);
      } else if (record.fenced === true) {
        unit.state = 'failed';
        unit.reason = FENCED;
      } else if (record.process !== undefined && isAlive(record.process)) unit.state = 'running';
      else {
        unit.state = 'failed';
        unit.reason = endOf(unit.dir);
      }
    }
    for (const key of unitsWithCgroups(mounts, instance)) {
      if (known.has(key)) continue;
      await unitCgroup(mounts, instance, key).end(5000);
    }
    await network(() => chains.adopt());
  };
  await adopt();

  const stopWatching = watchUnits(
    () => [...units.values()],
    healthPeriodMs,
    (unit) => {
      for (const listener of listeners) listener(tellUnit(unit));
    },
  );
  const close = async () => {
    open = false;
    stopWatching();
    await network(async () => {});
  };
  const guarded = <A extends readonly unknown[], T>(work: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      if (!open)
        throw new MusterError('CONFLICT', 'the infrastructure has been closed', { hint: 'open it anew' });
      return work(...args);
    };
  };

  return {
    kind: 'linux',
    ports: () => portsOf([...units.values()], instance),
    start: guarded((order: UnitOrder) => perUnit(order.id, () => start(order))),
    stop: guarded((id: string) =>
      perUnit(id, async () => {
        failed.delete(id);
        const unit = units.get(id);
        if (unit !== undefined) await remove(unit);
      }),
    ),
    fence: guarded((id: string) =>
      perUnit(id, async () => {
        const unit = units.get(id);
        if (unit !== undefined && unit.record.fenced !== true) await fence(unit);
      }),
    ),
    list: guarded(async () => [
      ...[...units.values()].map(tellUnit),
      ...[...failed.values()].map(({ told }) => told),
    ]),
    setChain: guarded((order: ChainOrder) => network(() => chains.set(order))),
    removeChain: guarded((id: string) => network(() => chains.remove(id))),
    usage: guarded(async (id: string) => readUsage(get(id))),
    exec: guarded(async (id: string, command: readonly string[], timeoutMs: number) => {
      const unit = get(id);
      return runInside(unit, command, timeoutMs);
    }),
    logs: guarded(async (id: string, maxBytes: number) => {
      const kept = failed.get(id)?.log;
      return kept === undefined ? tailOfLog(get(id).dir, maxBytes) : kept.slice(-maxBytes);
    }),
    entry: guarded(async (id: string) => entryOf(get(id))),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close,
    destroy: async () => {
      await close();
      for (const unit of units.values()) unit.stopping = true;
      await cleanUpInfrastructure(stateDir);
    },
  };
}

const FENCED = 'it was cut off while its site was silent';
/** Of a unit that could not be started. */
const KEPT_LOG_BYTES = 16_384;
