import type { Row } from '../row.ts';
import type { RunningPipeline } from '../support/running-pipeline.ts';
import { tamperProgram } from '../support/tamper.ts';
import type { LiveAttack } from './live-attack.ts';
import { attackAgent, rowOf, untouched } from './live-attack.ts';
import { MEMORY_ATTACKS } from './live-memory.ts';

/** Beyond one round of every agent (one in 20 s), with its full hash. */
const WATCH_MS = 24_000;
const CONTROL = 'a2';
/** For attacks that nobody is expected to notice: each keeps its agent for the whole watch. */
const QUIET = ['a3', 'a4'];

/** Live tampering with the agents of a genuine pipeline. */
export async function liveRows(pipeline: RunningPipeline): Promise<readonly Row[]> {
  const control = await pipeline.agent(CONTROL);
  for (const attack of MEMORY_ATTACKS) attack.harmless?.(control);
  const quiet = MEMORY_ATTACKS.filter(({ expected }) => expected !== 'detected');
  const loud = MEMORY_ATTACKS.filter(({ expected }) => expected === 'detected');
  const [first, second] = await Promise.all([
    Promise.all(quiet.map((attack, i) => run(pipeline, attack, QUIET[i % QUIET.length] ?? CONTROL))),
    // Half of them at a time: an agent that was thrown out needs a while to be back.
    Promise.all([inTurn(pipeline, loud.slice(0, 2), 'a1'), inTurn(pipeline, loud.slice(2), 'a8')]),
  ]);
  const unharmed = await untouched(pipeline, [control]);
  const did = `${CONTROL} of the same pipeline was only read from: ${unharmed ? 'it went on, attested, as the same process' : 'it did not go on'}`;
  return [...second.flat(), ...first].map((row) => ({ ...row, control: { did, asExpected: unharmed } }));
}

/** The same against guards that do not measure: rows that stay as they are say nothing. */
export async function liveWithoutDefence(
  pipeline: RunningPipeline,
  rows: readonly Row[],
): Promise<readonly Row[]> {
  const shown = MEMORY_ATTACKS.filter(({ limit }) => limit === undefined);
  const found = await Promise.all(
    shown.map(async (attack, i) => ({
      id: attack.id,
      ...(await attackAgent(pipeline, attack, `a${i + 1}`, WATCH_MS)),
    })),
  );
  return rows.map((row) => {
    const weak = found.find(({ id }) => id === row.id);
    if (weak === undefined) return row;
    const did = `a copy of the product whose guards do not measure (and whose agents leave SIGUSR1 alone): ${weak.outcome}, ${weak.what}`;
    return { ...row, withoutDefence: { did, asExpected: weak.outcome === 'undetected' } };
  });
}

async function inTurn(
  pipeline: RunningPipeline,
  attacks: readonly LiveAttack[],
  name: string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const attack of attacks) rows.push(await run(pipeline, attack, name));
  return rows;
}

async function run(pipeline: RunningPipeline, attack: LiveAttack, name: string): Promise<Row> {
  const { id } = attack;
  const skipped = (needs: string): Row =>
    rowOf(attack, { outcome: 'not tried', what: `skipped: needs ${needs}` });
  if (process.getuid?.() !== 0) return skipped('root');
  if ((id === 'memfd' || id.startsWith('ptrace')) && tamperProgram() === undefined)
    return skipped('a C compiler');
  return rowOf(attack, await attackAgent(pipeline, attack, name, WATCH_MS));
}
