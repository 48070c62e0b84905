import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findCgroups, removeInstanceCgroups, unitCgroup, unitsWithCgroups } from './cgroups.ts';
import { instanceOf } from './names.ts';
import { removeSites } from './sites.ts';

const KILL_WITHIN_MS = 5000;

/** Ends everything that an infrastructure has made, by its mark alone: whether its owner still knows of it or was killed half-way. */
export async function cleanUpInfrastructure(stateDir: string): Promise<void> {
  const instance = instanceOf(stateDir);
  const mounts = findCgroups();
  await Promise.all(
    unitsWithCgroups(mounts, instance).map(async (unit) => {
      const cgroup = unitCgroup(mounts, instance, unit);
      await cgroup.kill(KILL_WITHIN_MS);
      cgroup.remove();
    }),
  );
  removeInstanceCgroups(mounts, instance);
  await removeSites(instance);
  for (const each of ['units', 'chains', 'run', 'programs']) {
    rmSync(join(stateDir, each), { recursive: true, force: true });
  }
}
