import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MusterError } from '../../protocol/errors.ts';

type Controller = 'cpu' | 'memory' | 'pids' | 'cpuacct';
const CONTROLLERS: readonly Controller[] = ['cpu', 'memory', 'pids', 'cpuacct'];

/** Where each controller is: in the one hierarchy of version 2, in one of its own in version 1, or both side by side. */
export interface CgroupMounts {
  /** Version 2, if it is mounted; without controllers it still says who is in a group, and ends all of them at once. */
  readonly unified: string | undefined;
  readonly controllers: Readonly<Record<Controller, { readonly version: 1 | 2; readonly root: string }>>;
}

export interface CgroupLimits {
  readonly vcpus: number;
  readonly memoryMib: number;
  readonly processes: number;
}

/** Reads what the host has mounted. `mounts` is the text of /proc/self/mounts. Throws NOT_SUPPORTED, naming what lacks. */
export function findCgroups(
  mounts = readFileSync('/proc/self/mounts', 'utf8'),
  controllersOf = (root: string) => readFileSync(join(root, 'cgroup.controllers'), 'utf8'),
): CgroupMounts {
  const lines = mounts.split('\n').map((line) => line.split(' '));
  const unified = lines.find(([, , type]) => type === 'cgroup2')?.[1];
  const inUnified = unified === undefined ? [] : controllersOf(unified).trim().split(/\s+/);
  const of = (controller: Controller) => {
    // Version 2 counts the time of processors without being asked to.
    if (unified !== undefined && inUnified.includes(controller === 'cpuacct' ? 'cpu' : controller))
      return { version: 2 as const, root: unified };
    const own = lines.find(
      ([, , type, options]) => type === 'cgroup' && options?.split(',').includes(controller),
    );
    if (own?.[1] !== undefined) return { version: 1 as const, root: own[1] };
    throw new MusterError('NOT_SUPPORTED', `control groups: there is no ${controller} controller`, {
      hint: 'mount cgroup2 at /sys/fs/cgroup, or use the twin',
    });
  };
  return {
    unified,
    controllers: { cpu: of('cpu'), memory: of('memory'), pids: of('pids'), cpuacct: of('cpuacct') },
  };
}

/** The control groups of one unit. */
export interface UnitCgroup {
  /** Files into which a process writes its number to be in the unit. */
  readonly joins: readonly string[];
  create(limits: CgroupLimits): void;
  processes(): readonly number[];
  usage(): { readonly cpuSeconds: number; readonly memoryMib: number };
  /** Ends everything in it, and takes it away: resolves when nothing is left. Throws PLANE_FAILED after `withinMs`. */
  end(withinMs: number): Promise<void>;
}

const MEBIBYTE = 1 << 20;
const PERIOD_US = 100_000;

/** `muster/<instance>/<unit>` in every hierarchy. */
export function unitCgroup(mounts: CgroupMounts, instance: string, unit: string): UnitCgroup {
  const roots = rootsOf(mounts);
  const dirs = roots.map((root) => join(root, 'muster', instance, unit));
  const dirOf = (controller: Controller) =>
    join(mounts.controllers[controller].root, 'muster', instance, unit);
  const two = (controller: Controller) => mounts.controllers[controller].version === 2;
  const read = (controller: Controller, file: string) =>
    readFileSync(join(dirOf(controller), file), 'utf8').trim();
  const processes = () => [...new Set(dirs.flatMap((dir) => pidsIn(join(dir, 'cgroup.procs'))))];
  return {
    joins: dirs.map((dir) => join(dir, 'cgroup.procs')),
    create: ({ vcpus, memoryMib, processes: most }) => {
      if (mounts.unified !== undefined) passOn(mounts, instance);
      for (const dir of dirs) mkdirSync(dir, { recursive: true });
      const set = (controller: Controller, file: string, value: string) =>
        writeFileSync(join(dirOf(controller), file), value);
      const quota = Math.max(1000, Math.round(vcpus * PERIOD_US));
      if (two('cpu')) set('cpu', 'cpu.max', `${quota} ${PERIOD_US}`);
      else {
        set('cpu', 'cpu.cfs_period_us', String(PERIOD_US));
        set('cpu', 'cpu.cfs_quota_us', String(quota));
      }
      const bytes = String(Math.max(1, Math.round(memoryMib)) * MEBIBYTE);
      set('memory', two('memory') ? 'memory.max' : 'memory.limit_in_bytes', bytes);
      set('pids', 'pids.max', String(most));
    },
    processes,
    usage: () => ({
      cpuSeconds: two('cpuacct')
        ? Number(/^usage_usec (\d+)$/m.exec(read('cpuacct', 'cpu.stat'))?.[1] ?? 0) / 1e6
        : Number(read('cpuacct', 'cpuacct.usage')) / 1e9,
      memoryMib:
        Number(read('memory', two('memory') ? 'memory.current' : 'memory.usage_in_bytes')) / MEBIBYTE,
    }),
    end: async (withinMs) => {
      const deadline = Date.now() + withinMs;
      for (;;) {
        const left = processes();
        if (left.length > 0) endAll(mounts, dirs, left);
        // A group that processes are just leaving, or one that somebody joins in this very moment, cannot be taken away yet.
        else for (const dir of dirs) removeDir(dir);
        if (dirs.every((dir) => !existsSync(dir))) return;
        if (Date.now() > deadline) {
          throw new MusterError('PLANE_FAILED', `processes of ${unit} do not end`, {
            hint: `look at them: cat ${dirs[0]}/cgroup.procs`,
          });
        }
        await delay(5);
      }
    },
  };
}

/** Units that have a control group of this instance, by their keys. */
export function unitsWithCgroups(mounts: CgroupMounts, instance: string): readonly string[] {
  const found = rootsOf(mounts).flatMap((root) => {
    const dir = join(root, 'muster', instance);
    if (!existsSync(dir)) return [];
    return readdirSync(dir, { withFileTypes: true })
      .filter((each) => each.isDirectory())
      .map((each) => each.name);
  });
  return [...new Set(found)];
}

/** Takes the instance's own groups away, when no unit has one any more. */
export function removeInstanceCgroups(mounts: CgroupMounts, instance: string): void {
  for (const root of rootsOf(mounts)) {
    removeDir(join(root, 'muster', instance));
    removeDir(join(root, 'muster'));
  }
}

function rootsOf({ unified, controllers }: CgroupMounts): readonly string[] {
  const own = CONTROLLERS.map((controller) => controllers[controller].root);
  return [...new Set(unified === undefined ? own : [unified, ...own])];
}

/** In version 2 a controller has to be passed on from above, level by level. */
function passOn({ unified, controllers }: CgroupMounts, instance: string): void {
  if (unified === undefined) return;
  const wanted = CONTROLLERS.filter(
    (controller) => controller !== 'cpuacct' && controllers[controller].version === 2,
  );
  if (wanted.length === 0) return;
  const text = wanted.map((controller) => `+${controller}`).join(' ');
  for (const dir of [unified, join(unified, 'muster'), join(unified, 'muster', instance)]) {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'cgroup.subtree_control'), text);
  }
}

function endAll({ unified }: CgroupMounts, dirs: readonly string[], pids: readonly number[]): void {
  const killFile = dirs.map((dir) => join(dir, 'cgroup.kill')).find((file) => existsSync(file));
  if (unified !== undefined && killFile !== undefined) {
    writeFileSync(killFile, '1');
    return;
  }
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}

function pidsIn(file: string): readonly number[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function removeDir(dir: string): void {
  try {
    rmdirSync(dir);
  } catch {
    // It is not there, or something else is still in it.
  }
}
