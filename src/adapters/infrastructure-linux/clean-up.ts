import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { findCgroups, removeInstanceCgroups, unitCgroup, unitsWithCgroups } from './cgroups.ts';
import { instanceOf } from './names.ts';
import { removeSites } from './sites.ts';

const END_WITHIN_MS = 5000;

/** Ends everything that an infrastructure has made, by its mark alone: whether its owner still knows of it or was killed half-way. */
export async function cleanUpInfrastructure(stateDir: string): Promise<void> {
  const instance = instanceOf(stateDir);
  const mounts = findCgroups();
  await Promise.all(
    unitsWithCgroups(mounts, instance).map((unit) => unitCgroup(mounts, instance, unit).end(END_WITHIN_MS)),
  );
  removeInstanceCgroups(mounts, instance);
  await removeSites(instance);
  for (const each of ['units', 'chains', 'run', 'programs']) {
    rmSync(join(stateDir, each), { recursive: true, force: true });
  }
}
