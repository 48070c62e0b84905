import { createHash } from 'node:crypto';
import { existsSync, realpathSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cleanUpInfrastructure } from '../../adapters/infrastructure-linux/clean-up.ts';

const ABOVE = '/run/muster-functions';

/** Where the functions of a `MUSTER_HOME` have their state on Linux: the same for each `muster up` there, so that the next one finds them. */
export function functionsDirectory(home: string): string {
  const path = existsSync(home) ? realpathSync(home) : resolve(home);
  return join(ABOVE, `up-${createHash('sha256').update(path).digest('hex').slice(0, 12)}`);
}

/** Ends the functions that a `muster up` which was killed has left, or one that was told to keep them. Answers whether there were any. */
export async function cleanUpFunctions(home: string): Promise<boolean> {
  const directory = functionsDirectory(home);
  if (!existsSync(directory)) return false;
  await cleanUpInfrastructure(directory);
  rmSync(directory, { recursive: true, force: true });
  return true;
}
