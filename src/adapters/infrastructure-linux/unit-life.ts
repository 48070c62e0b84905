import { existsSync, lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecResult } from '../../ports/infrastructure.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { UnitEntry } from '../../protocol/unit-doors.ts';
import type { CloudInitPlan } from './cloud-init.ts';
import { execInUnit } from './exec-in-unit.ts';
import { checkHealth } from './health.ts';
import type { HeldUnit } from './held-unit.ts';
import { initOf, launchUnit } from './launch-unit.ts';
import { isAlive } from './process-identity.ts';
import { fillUnitDirectory } from './unit-directory.ts';
import { endOf } from './unit-files.ts';
import type { StateFiles } from './unit-record.ts';

/** How long its own programs have to end after SIGTERM, and the kernel to end them after that. */
export const GRACE_MS = 3000;
const KILL_WITHIN_MS = 5000;
const START_WITHIN_MS = 10_000;
const POLL_MS = 5;
/** Processes and threads in a unit: Node alone has eleven. */
const MAX_PROCESSES = 512;
const DEFAULT_VCPUS = 1;
/** What Node takes to start at all, with room. */
const MIN_MEMORY_MIB = 128;

/**
 * Brings a unit up: directory, control groups, namespaces, network (`join`), program; resolves when it is healthy, or answers why it is
 * not, in words. What was begun is left to `endUnit`.
 */
export async function bringUp(
  unit: HeldUnit,
  plan: CloudInitPlan,
  state: StateFiles,
  join: (pid: number) => Promise<void>,
): Promise<string | undefined> {
  const { dir, cgroup, program } = unit;
  const { demand } = unit.record.order.unit;
  rmSync(dir, { recursive: true, force: true });
  const refused = fillUnitDirectory(dir, unit.record, program, plan);
  if (refused !== undefined) return refused.refused;
  cgroup.create({
    vcpus: program.vcpus ?? (demand.vcpus > 0 ? demand.vcpus : DEFAULT_VCPUS),
    memoryMib: Math.max(MIN_MEMORY_MIB, program.memoryMib ?? demand.memoryMib),
    processes: MAX_PROCESSES,
  });
  const launched = await launchUnit(dir, unit.record.user, cgroup, program.capabilities, program.command);
  unit.record = { ...unit.record, process: launched.process };
  try {
    // Before it can run: whoever finds it after a crash knows whose it is.
    state.putUnit(unit.record);
    await join(launched.process.pid);
  } catch (error) {
    launched.abandon();
    throw error;
  }
  launched.go();
  return untilHealthy(unit);
}

async function untilHealthy(unit: HeldUnit): Promise<string | undefined> {
  const { dir, program, record } = unit;
  const deadline = performance.now() + START_WITHIN_MS;
  let complaint: string | undefined = 'its program has not been started yet';
  while (performance.now() < deadline) {
    if (record.process === undefined || !isAlive(record.process)) return endOf(dir);
    if (isThere(join(dir, 'started'))) complaint = await examine(unit);
    if (complaint === undefined) return undefined;
    // A check by a process of its own is not made too often.
    await delay(program.health.kind === 'tcp' || program.health.kind === 'http' ? 10 * POLL_MS : POLL_MS);
  }
  return `not healthy after ${START_WITHIN_MS / 1000} s: ${complaint}`;
}

/** Whether it is healthy; why not, in words. */
export function examine(unit: HeldUnit): Promise<string | undefined> {
  return checkHealth(unit.program.health, {
    dir: unit.dir,
    user: unit.record.user,
    address: unit.record.interfaces[0]?.address,
    exec: (command, timeoutMs) => runInside(unit, command, timeoutMs),
  });
}

/** Runs a command inside; one that cannot be run ends with 125. */
export async function runInside(
  { cgroup, dir }: HeldUnit,
  command: readonly string[],
  timeoutMs: number,
): Promise<ExecResult> {
  const init = initOf(cgroup);
  if (init === undefined) return { exitCode: 125, stdout: '', stderr: 'the unit does not run\n' };
  return execInUnit(init, dir, cgroup, command, timeoutMs);
}

/** Where a shell goes in. @throws CONFLICT */
export function entryOf({ cgroup, dir, record }: HeldUnit): UnitEntry {
  const pid = initOf(cgroup);
  if (pid !== undefined) return { pid, directory: dir, groups: [...cgroup.joins] };
  throw new MusterError('CONFLICT', `${record.order.id} does not run`, {
    hint: 'muster service logs says what it said last',
  });
}

/** Ends it: asked first, then made to; takes away all that was its own. Its network is left before. */
export async function endUnit(unit: HeldUnit, leave: () => Promise<void>): Promise<void> {
  const { cgroup, dir } = unit;
  unit.stopping = true;
  const init = initOf(cgroup);
  if (init !== undefined) {
    try {
      process.kill(init, 'SIGTERM');
    } catch {
      // It has ended meanwhile.
    }
    const deadline = performance.now() + GRACE_MS;
    while (cgroup.processes().length > 0 && performance.now() < deadline) await delay(POLL_MS);
  }
  await cgroup.end(KILL_WITHIN_MS);
  await leave();
  rmSync(dir, { recursive: true, force: true });
}

function isThere(path: string): boolean {
  return existsSync(path) && lstatSync(path).isFile();
}
