import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from '../row.ts';
import type { Levers } from '../support/insider-edits.ts';
import { insiderEdits, WEAK_HOLDERS, WEAK_PEERS } from '../support/insider-edits.ts';
import type { Edit } from '../support/product-copy.ts';
import { copyOfProduct, ownDirectory } from '../support/product-copy.ts';
import type { RunningPipeline } from '../support/running-pipeline.ts';
import { startPipeline } from '../support/running-pipeline.ts';
import { passes } from '../support/wait.ts';
import { commandRows } from './insider-commands.ts';
import { frameRows } from './insider-frames.ts';
import { changedGuardRows, earlyRow, rubbishRow } from './insider-guards.ts';
import { thiefRows } from './thief.ts';

/** Time for insiders to speak, and to act. */
const SPEAK_MS = 8000;

/** Attacks from within: the attacker is a changed copy of the agent or the guard, in a copy of the product, or has its keys. */
export async function insiderRows(): Promise<readonly Row[]> {
  const sound = await insideOf('insider', [], look);
  const weak = [
    ...(await insideOf('insider-weak', WEAK_PEERS, look)),
    // With holders that give too early there is soon no group left for the other attacks.
    ...(await insideOf('insider-early', WEAK_HOLDERS, async (pipeline) => [await earlyRow(pipeline)])),
  ];
  return sound.map((row) => {
    const same = weak.findLast(({ id }) => id === row.id);
    if (same === undefined) return row;
    const did = `the same with the receiver's check taken away: ${same.outcome}, ${same.what}`;
    return { ...row, withoutDefence: { did, asExpected: same.outcome === 'undetected' } };
  });
}

type Look = (pipeline: RunningPipeline, levers: Levers) => Promise<readonly Row[]>;

async function insideOf(name: string, more: readonly Edit[], look: Look): Promise<readonly Row[]> {
  const levers = { rubbish: join(ownDirectory('levers'), 'rubbish') };
  const program = fileURLToPath(new URL('../programs/insider.ts', import.meta.url));
  const changed = copyOfProduct(name, [...insiderEdits(levers), ...more]);
  cpSync(program, join(changed, 'src/runtime/agent-process/insider.ts'));
  const pipeline = await startPipeline(name, { root: changed });
  try {
    return await look(pipeline, levers);
  } finally {
    await pipeline.stop();
  }
}

async function look(pipeline: RunningPipeline, levers: Levers): Promise<readonly Row[]> {
  const guards = await changedGuardRows(pipeline);
  await passes(SPEAK_MS);
  const rows = [...frameRows(pipeline), ...commandRows(pipeline), ...guards];
  // Before verifiers are ended for other reasons: a share that comes after is for nobody.
  rows.push(await earlyRow(pipeline));
  return [...rows, await rubbishRow(pipeline, levers), ...(await thiefRows(pipeline))];
}
