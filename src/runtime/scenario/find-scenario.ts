import { existsSync, readdirSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nearestName } from '../../core/problems/nearest-name.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import { loadScenario } from './load-scenario.ts';
import { renderProblems } from './render-problems.ts';

const SHIPPED = fileURLToPath(new URL('../../../scenarios/', import.meta.url));

/** Names of the scenarios that come with Muster. */
export function shippedScenarios(): readonly string[] {
  return readdirSync(SHIPPED)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort();
}

/** A scenario by file, or by the name of one that comes with Muster; everything that is wrong with it is told at once. */
export async function findScenario(fileOrName: string): Promise<Scenario> {
  const shipped = join(SHIPPED, `${fileOrName}.yaml`);
  const known = shippedScenarios().includes(fileOrName);
  if (!known && !existsSync(fileOrName)) {
    const near = nearestName(basename(fileOrName, extname(fileOrName)), shippedScenarios());
    const meant = near === undefined ? '' : `; did you mean ${near}?`;
    throw new MusterError('USAGE', `there is no scenario ${fileOrName}${meant}`, {
      hint: near === undefined ? 'bin/muster scenario list' : `bin/muster scenario run ${near}`,
    });
  }
  const loaded = await loadScenario(known ? shipped : fileOrName);
  if (loaded.ok) return loaded.scenario;
  throw new MusterError('BAD_SCENARIO', renderProblems(loaded.source, loaded.problems).trimEnd(), {
    hint: 'bin/muster scenario schema prints what a scenario may hold',
  });
}
