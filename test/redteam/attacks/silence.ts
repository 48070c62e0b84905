import type { Row } from '../row.ts';
import { onEnd } from '../support/clean-up.ts';
import type { Edit } from '../support/product-copy.ts';
import { copyOfProduct } from '../support/product-copy.ts';
import type { Entry, RunningPipeline } from '../support/running-pipeline.ts';
import { startPipeline } from '../support/running-pipeline.ts';
import { eventually } from '../support/wait.ts';
import { PATIENT } from '../support/weakenings.ts';

const ROUND_WITHIN_MS = 40_000;
const STOPPED = 'a1';

/** Whoever should act does not: with deadlines that count, and without. */
export async function silenceRows(): Promise<readonly Row[]> {
  const sound = await silent('silence', []);
  const patient = await silent('patient', PATIENT);
  return sound.map((row) => {
    const without = patient.find(({ id }) => id === row.id);
    if (without === undefined) return row;
    const did = `a copy of the product whose ledger forgets deadlines, and whose guards commit for who does not answer: ${without.outcome}, ${without.what}`;
    return { ...row, withoutDefence: { did, asExpected: without.outcome === 'undetected' } };
  });
}

async function silent(name: string, edits: readonly Edit[]): Promise<readonly Row[]> {
  const pipeline = await startPipeline(name, { root: copyOfProduct(name, edits) });
  try {
    const { agents } = await pipeline.status();
    const { site } = agents.find(({ name }) => name === STOPPED) ?? {};
    const beside = agents.find((each) => each.site === site && each.name !== STOPPED)?.name ?? '';
    const [verifier, agent] = await Promise.all([
      verifierKilled(pipeline, [STOPPED, beside]),
      agentStopped(pipeline, STOPPED, beside),
    ]);
    return [verifier, agent, await guardStopped(pipeline)];
  } finally {
    await pipeline.stop();
  }
}

function after(
  pipeline: RunningPipeline,
  seen: number,
  which: (entry: Entry) => boolean,
): Promise<Entry | undefined> {
  return eventually(() => pipeline.entries.slice(seen).find(which), ROUND_WITHIN_MS);
}

async function agentStopped(pipeline: RunningPipeline, name: string, beside: string): Promise<Row> {
  const { pid } = await pipeline.agent(name);
  const startMs = performance.now();
  process.kill(pid, 'SIGSTOP');
  const go = (): void => {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It was ended.
    }
  };
  onEnd(go);
  // The round after this one is the first that it cannot have answered before.
  const seen = pipeline.entries.length;
  const opened = await after(
    pipeline,
    seen,
    ({ event, subject }) => event === 'RoundOpened' && subject === name,
  );
  const from = opened === undefined ? seen : pipeline.entries.indexOf(opened);
  const told = await after(
    pipeline,
    from,
    ({ event, subject }) =>
      subject === name && (event === 'RoundPassed' || event === 'Suspended' || event === 'Revoked'),
  );
  go();
  const passed = told?.event === 'RoundPassed';
  const unharmed = !pipeline.entries
    .slice(seen)
    .some(({ event, subject }) => subject === beside && (event === 'Suspended' || event === 'Revoked'));
  return {
    id: 'agent-stopped',
    attack: 'attester silent: SIGSTOP of an agent',
    attacker: 'root',
    did: 'stopped an agent and waited for the round after that',
    expected: 'detected',
    outcome: passed || told === undefined ? 'undetected' : 'detected',
    what: passed
      ? 'it passed the round without a word of its own: the guard commits for an agent that does not answer, with no decision head'
      : (told?.reason ?? 'nothing became of it'),
    ...(passed || told === undefined
      ? {}
      : { detectedMs: told.atMs - startMs, excludedMs: told.atMs - startMs }),
    control: {
      did: `${beside} beside it, behind the same guard: ${unharmed ? 'passed its rounds' : 'was suspended or revoked'}`,
      asExpected: unharmed,
    },
  };
}

async function guardStopped(pipeline: RunningPipeline): Promise<Row> {
  const status = await pipeline.status();
  const pid = status.processes['guard core'];
  if (pid === undefined) throw new Error('there is no guard of core');
  const mine = new Set(status.agents.filter(({ site }) => site === 'core').map(({ name }) => name));
  const others = status.agents.filter(({ site }) => site !== 'core').map(({ name }) => name);
  const seen = pipeline.entries.length;
  const startMs = performance.now();
  process.kill(pid, 'SIGSTOP');
  const go = (): void => {
    try {
      process.kill(pid, 'SIGCONT');
    } catch {
      // It was ended.
    }
  };
  onEnd(go);
  const told = await after(
    pipeline,
    seen,
    ({ event, subject }) => event === 'Suspended' && mine.has(subject),
  );
  go();
  const harmed = pipeline.entries
    .slice(seen)
    .filter(
      ({ event, subject }) => (event === 'Suspended' || event === 'Revoked') && others.includes(subject),
    );
  return {
    id: 'guard-stopped',
    attack: 'attester silent: SIGSTOP of a guard',
    attacker: 'root',
    did: 'stopped the guard of a site until the ledger said something about its agents',
    expected: 'detected',
    outcome: told === undefined ? 'undetected' : 'detected',
    what: told === undefined ? 'nothing became of it' : `${told.subject}: ${told.reason}`,
    ...(told === undefined ? {} : { detectedMs: told.atMs - startMs, excludedMs: told.atMs - startMs }),
    control: {
      did: `agents behind other guards: ${harmed.length === 0 ? 'none was suspended' : harmed.map(({ subject, reason }) => `${subject} ${reason}`).join(', ')}`,
      asExpected: harmed.length === 0,
    },
  };
}

/** The agents that a round's opening says will verify; none: the registry does. */
function electedIn(reason: string): readonly string[] {
  return /; (.*) verif(?:ies|y)/.exec(reason)?.[1]?.match(/a\d+/g) ?? [];
}

/** Kills the verifier of a round between its opening and the verdict; `spared`: agents that another attack is about. */
async function verifierKilled(pipeline: RunningPipeline, spared: readonly string[]): Promise<Row> {
  const seen = pipeline.entries.length;
  let round = '';
  let measured = '';
  let verifier = '';
  const startMs = performance.now();
  const killed = await eventually(
    async () => {
      const entry = pipeline.entries
        .slice(seen)
        .find(
          ({ event, reason, subject }) =>
            event === 'RoundOpened' &&
            !spared.includes(subject) &&
            electedIn(reason).length > 0 &&
            !electedIn(reason).some((each) => spared.includes(each)),
        );
      if (entry === undefined) return undefined;
      round = /^Round (\d+)/.exec(entry.reason)?.[1] ?? '';
      verifier = electedIn(entry.reason)[0] ?? '';
      measured = entry.subject;
      const found = (await pipeline.status()).agents.find(({ name }) => name === verifier);
      if (found?.pid === null || found === undefined) return undefined;
      process.kill(found.pid, 'SIGKILL');
      return true;
    },
    ROUND_WITHIN_MS,
    20,
  );
  const told = await after(
    pipeline,
    seen,
    ({ event, reason }) =>
      reason.startsWith(`Round ${round}:`) && (event === 'RoundPassed' || event === 'RoundFailed'),
  );
  const passed = told?.event === 'RoundPassed';
  const attested =
    (await pipeline.status()).agents.find(({ name }) => name === measured)?.status === 'attested';
  const others = new Set(
    pipeline.entries
      .slice(seen)
      .filter(({ event, subject }) => event === 'RoundPassed' && subject !== measured && subject !== verifier)
      .map(({ subject }) => subject),
  );
  return {
    id: 'verifier-killed',
    attack: 'verifier killed in mid-round',
    attacker: 'root',
    did: 'killed the elected verifier (SIGKILL) as soon as the round was open',
    expected: 'prevented',
    outcome: killed === undefined ? 'not tried' : attested && passed ? 'prevented' : 'undetected',
    what: `${measured} was measured, ${verifier} killed: ${told?.reason ?? 'the round has not ended'}; ${measured} is ${attested ? 'attested all the time' : 'not attested'}${told === undefined ? '' : `, after ${((told.atMs - startMs) / 1000).toFixed(0)} s`}`,
    control: {
      did: `rounds whose verifier nobody killed, meanwhile: ${others.size} other agents passed one`,
      asExpected: others.size > 0,
    },
  };
}
