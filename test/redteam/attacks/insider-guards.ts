import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Row } from '../row.ts';
import type { Levers } from '../support/insider-edits.ts';
import type { Entry, RunningPipeline } from '../support/running-pipeline.ts';
import { eventually } from '../support/wait.ts';

const WITHIN_MS = 30_000;
/** Half of the agents: so many have opened an epoch that is a good one. */
const HOLDERS = 4;
const JUDGED = 3;
const JUDGED_WITHIN_MS = 40_000;

type Found = Pick<Row, 'outcome' | 'what' | 'detectedMs' | 'excludedMs'>;

/** The guards that start the next incarnations of a5 and a8 otherwise than they were told. */
export async function changedGuardRows(pipeline: RunningPipeline): Promise<readonly Row[]> {
  const [config, policy, unchanged] = await Promise.all(
    ['a5', 'a8', 'a1'].map((name) => restarted(pipeline, name)),
  );
  if (config === undefined || policy === undefined || unchanged === undefined) return [];
  const control = {
    did: `a1 was killed too and started by such a guard as it was told to: ${unchanged.what}`,
    asExpected: unchanged.outcome === 'undetected',
  };
  const common = {
    attacker: 'a guard (changed copy; site daemons see no orders)',
    expected: 'detected' as const,
    control,
  };
  return [
    {
      id: 'config',
      attack: 'policy changed: the configuration',
      did: 'started the agent with another configuration than the registry has registered',
      ...common,
      ...config,
    },
    {
      id: 'policy',
      attack: 'policy changed: its limits',
      did: 'measured the agent under wider limits than those that the operator signed',
      ...common,
      ...policy,
    },
  ];
}

/** What becomes of the second incarnation. */
async function restarted(pipeline: RunningPipeline, name: string): Promise<Found> {
  const { pid } = await pipeline.agent(name);
  const seen = pipeline.entries.length;
  const startMs = performance.now();
  process.kill(pid, 'SIGKILL');
  const told = await eventually(
    () =>
      pipeline.entries
        .slice(seen)
        .find(
          ({ event, subject, reason }) =>
            subject === name &&
            (event === 'RoundPassed' || (event === 'Revoked' && reason.includes('does not open'))),
        ),
    WITHIN_MS,
  );
  if (told?.event === 'RoundPassed') return { outcome: 'undetected', what: told.reason };
  if (told === undefined) return { outcome: 'not tried', what: 'nothing became of it in time' };
  const ms = told.atMs - startMs;
  return { outcome: 'detected', what: `never attested: ${told.reason}`, detectedMs: ms, excludedMs: ms };
}

/** The answers that the changed guards asked for from the opening of each round on. */
export async function earlyRow(pipeline: RunningPipeline): Promise<Row> {
  const judgedNow = (): number =>
    pipeline.entries.filter(({ event, reason }) => event === 'RoundPassed' && /by a\d/.test(reason)).length;
  await eventually(() => (judgedNow() >= JUDGED ? true : undefined), JUDGED_WITHIN_MS);
  const judged = judgedNow();
  const given = pipeline
    .log()
    .split('\n')
    .filter((line) => line.includes('ANSWER TOO EARLY'));
  return {
    id: 'answer-before-commit',
    attack: 'the answer T_i requested before the commit',
    attacker: 'a guard (changed copy)',
    did: 'asked all holders for their shares of the answer of every round, its own agents included, from its opening on, and committed 2 s late',
    expected: 'prevented',
    outcome: given.length === 0 ? 'prevented' : 'undetected',
    what:
      given.length === 0
        ? 'no answer came before the commit, or to a guard that does not verify'
        : `${given.length} shares came too early`,
    control: {
      did: `answers after the commit, to the guards of those who were elected: peers judged ${judged} rounds with them`,
      asExpected: judged > 0,
    },
  };
}

/** One agent dies and comes back: the epoch for the set with it is sealed by a steward that seals rubbish whenever it may. */
export async function rubbishRow(pipeline: RunningPipeline, { rubbish }: Levers): Promise<Row> {
  const row = {
    id: 'rubbish-epoch',
    attack: 'a steward that seals rubbish',
    attacker: 'the guard of the steward (changed copy)',
    did: 'opened an epoch whose envelopes are random bytes, when an agent had come back and a new key was due, and would do so again in the name of any of its agents',
    expected: 'prevented' as const,
    control: controlOf(pipeline),
  };
  const { pid } = await pipeline.agent('a3');
  const seen = pipeline.entries.length;
  const since = (which: (entry: Entry) => boolean) =>
    eventually(() => pipeline.entries.slice(seen).find(which), WITHIN_MS, 20);
  process.kill(pid, 'SIGKILL');
  await since(({ event, subject }) => event === 'Revoked' && subject === 'a3');
  await since(({ event }) => event === 'EpochOpened');
  writeFileSync(rubbish, '');
  // The changed guard leaves its agent's name: what members say of others is not of this attack.
  const told = await since(({ fault, reason }) => {
    const [, steward] = readFileSync(rubbish, 'utf8').split(' ');
    return (
      fault === 'epoch-refused' && steward !== undefined && reason.includes(`, which ${steward} has sealed`)
    );
  });
  if (told === undefined) {
    rmSync(rubbish);
    return { ...row, outcome: 'not tried', what: 'no steward opened an epoch meanwhile' };
  }
  const number = /epoch (\d+)/.exec(told.reason)?.[1] ?? '';
  // Members may say so before the journal is told of the block.
  const rubbishOne = await since(
    ({ event, reason }) => event === 'EpochOpened' && reason.includes(`epoch ${number} `),
  );
  const version = / version (\d+) /.exec(rubbishOne?.reason ?? '')?.[1];
  // For the same set: a change of the set ends the steward's turn in any case.
  const good = await eventually(async () => {
    const opened = pipeline.entries.findLast(
      ({ event, atMs, reason }) =>
        event === 'EpochOpened' &&
        atMs > told.atMs &&
        !reason.includes(`epoch ${number} `) &&
        reason.includes(` version ${version} `),
    );
    return opened !== undefined && (await isOpened(pipeline, opened)) ? opened : undefined;
  }, WITHIN_MS);
  rmSync(rubbish);
  if (good === undefined)
    return {
      ...row,
      outcome: 'undetected',
      what: `${told.reason}; within ${WITHIN_MS / 1000} s nobody has sealed a good one for version ${version} of the set`,
    };
  const ms = good.atMs - told.atMs;
  return {
    ...row,
    outcome: 'prevented',
    what: `members say so at once (${told.reason}); after ${(ms / 1000).toFixed(1)} s another has sealed a good one: ${good.reason}`,
  };
}

/** So many say on the ledger that they have its key. */
async function isOpened(pipeline: RunningPipeline, { reason }: Entry): Promise<boolean> {
  const { epoch, agents } = await pipeline.status();
  return reason.includes(` epoch ${epoch} `) && agents.filter(({ keyed }) => keyed).length >= HOLDERS;
}

function controlOf(pipeline: RunningPipeline): NonNullable<Row['control']> {
  const opened = pipeline.entries.filter(({ event }) => event === 'EpochOpened').length;
  const refused = pipeline.entries.filter(({ fault }) => fault === 'epoch-refused').length;
  return {
    did: `epochs that the same guards opened before as they should: ${opened}, of which members refused ${refused}`,
    asExpected: opened > 0 && refused === 0,
  };
}
