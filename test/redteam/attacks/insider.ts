import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Outcome, Row } from '../row.ts';
import type { Levers } from '../support/insider-edits.ts';
import { insiderEdits, WEAK_PEERS } from '../support/insider-edits.ts';
import type { Edit } from '../support/product-copy.ts';
import { copyOfProduct, ownDirectory } from '../support/product-copy.ts';
import type { Entry, RunningPipeline } from '../support/running-pipeline.ts';
import { startPipeline } from '../support/running-pipeline.ts';
import { eventually, passes } from '../support/wait.ts';

const WITHIN_MS = 30_000;
const SKEW_WATCH_MS = 24_000;

const REFUSED_TWICE = ['frames-misdirected', 'frames-bent', 'frames-epoch'];

interface Inside extends Levers {
  readonly pipeline: RunningPipeline;
}

interface Found {
  readonly id: string;
  readonly attack: string;
  readonly attacker: string;
  readonly did: string;
  readonly expected: Outcome;
  readonly outcome: Outcome;
  readonly what: string;
  readonly detectedMs?: number;
  readonly excludedMs?: number;
}

/** Attacks from within: the attacker is a changed copy of the agent, the daemon or the guard, in a copy of the product. */
export async function insiderRows(): Promise<readonly Row[]> {
  const sound = await inside('insider', []);
  const rows = await look(sound, true);
  await sound.pipeline.stop();
  const weak = await inside('insider-weak', WEAK_PEERS);
  const found = await look(weak, false);
  await weak.pipeline.stop();
  return rows.map((row) => {
    const same = found.find(({ id }) => id === row.id);
    // A second check of the receiver, or the cipher itself, refuses these too: taking one away shows nothing.
    if (same === undefined || REFUSED_TWICE.includes(row.id)) return row;
    const did = `the same with the receiver's check taken away: ${same.outcome}, ${same.what}`;
    return { ...row, withoutDefence: { did, asExpected: same.outcome === 'undetected' } };
  });
}

async function inside(name: string, more: readonly Edit[]): Promise<Inside> {
  const own = ownDirectory('levers');
  const levers = { skew: join(own, 'skew'), rubbish: join(own, 'rubbish') };
  const program = fileURLToPath(new URL('../programs/insider.ts', import.meta.url));
  const changed = copyOfProduct(name, [...insiderEdits(levers), ...more]);
  cpSync(program, join(changed, 'src/runtime/agent-process/insider.ts'));
  return { pipeline: await startPipeline(name, { root: changed }), ...levers };
}

async function look(inside: Inside, withClock: boolean): Promise<readonly Found[]> {
  const { pipeline, skew } = inside;
  const [config, policy] = await Promise.all([
    restartedChanged(pipeline, 'a5'),
    restartedChanged(pipeline, 'a8'),
  ]);
  // Rounds of every agent, with early requests for their answers.
  await passes(8000);
  const attacker = 'an attested agent with valid keys (changed copy of the agent)';
  const rows: Found[] = [
    refusals(pipeline, 'frames-replayed', 'frames replayed', 'sent each frame twice', 'replayed', attacker),
    refusals(
      pipeline,
      'frames-misdirected',
      'frames sent to somebody else',
      'sent each frame to another agent too',
      'not-for-us',
      attacker,
    ),
    refusals(
      pipeline,
      'frames-bent',
      'frames changed by their sender after sealing',
      'turned over a bit and signed again',
      'not-authentic',
      attacker,
    ),
    refusals(
      pipeline,
      'frames-epoch',
      'frames of another epoch',
      'named the next epoch in the header, signed',
      'wrong-epoch',
      attacker,
    ),
    refusals(
      pipeline,
      'frames-forged',
      'frames forged by an insider',
      "sealed in the name of a7 with the group's key, signed with its own",
      'bad-signature',
      attacker,
    ),
    commands(pipeline, 'commands-replayed', 'commands replayed', /given before/, attacker),
    commands(
      pipeline,
      'commands-forged',
      'commands in the name of another agent or pipeline',
      /another agent or pipeline/,
      attacker,
    ),
    commands(
      pipeline,
      'commands-incarnation',
      'commands of another incarnation',
      /is not the attested one/,
      attacker,
    ),
    commands(pipeline, 'commands-epoch', 'commands of another epoch', /it is of epoch/, attacker),
    commands(pipeline, 'commands-unsigned', 'commands with a bad signature', /signature is not/, attacker),
    meddling(pipeline, attacker),
    { ...CONFIG, ...config },
    {
      ...CONFIG,
      id: 'policy',
      attack: 'policy changed: its limits',
      did: 'measured the agent under wider limits than those that the operator signed',
      ...policy,
    },
    early(pipeline),
    await rubbishSealed(inside),
  ];
  return withClock ? [...rows, ...(await clocks(pipeline, skew))] : rows;
}

const CONFIG = {
  id: 'config',
  attack: 'policy changed: the configuration',
  attacker: 'a guard (changed copy; site daemons see no orders)',
  did: 'started the agent with another configuration than the registry has registered',
  expected: 'detected' as const,
};

function refusals(
  pipeline: RunningPipeline,
  id: string,
  attack: string,
  did: string,
  word: string,
  attacker: string,
): Found {
  const lines = pipeline
    .log()
    .split('\n')
    .filter((line) => line.includes(`frame refused: ${word}`));
  const opened = pipeline
    .log()
    .split('\n')
    .filter((line) => line.includes('frame refused: not-acl from a7'));
  const ok = lines.length > 0;
  const nothing =
    id === 'frames-forged' && opened.length > 0
      ? `${opened.length} forged frames were opened as if from a7`
      : 'nobody refused one';
  return {
    id,
    attack,
    attacker,
    did,
    expected: 'prevented',
    outcome: ok ? 'prevented' : 'undetected',
    what: ok ? `receivers refused ${lines.length}: ${word}` : nothing,
  };
}

function commands(
  pipeline: RunningPipeline,
  id: string,
  attack: string,
  reason: RegExp,
  attacker: string,
): Found {
  const refused = pipeline.entries.filter(
    (entry) => entry.fault === 'command-refused' && reason.test(entry.reason),
  );
  const outcome = refused.length > 0 ? 'prevented' : 'undetected';
  const what =
    refused[0] === undefined
      ? 'the daemon refused none'
      : `the daemon refused ${refused.length}: ${refused[0].reason}`;
  return {
    id,
    attack,
    attacker,
    did: 'sent such a command after each of its own',
    expected: 'prevented',
    outcome,
    what,
  };
}

/** Each insider has set a rule of its own; the others have tried to take it away. */
function meddling(pipeline: RunningPipeline, attacker: string): Found {
  const about = pipeline.entries.filter(
    ({ kind, rule, action }) =>
      kind === 'action' && (rule?.includes(':of-a') === true || action === 'adopt-rules'),
  );
  const set = about.filter(({ action, status }) => action === 'limit-link' && status === 'done');
  const refused = about.filter(
    ({ status, reason }) => status === 'failed' && /is a rule of a\d/.test(reason),
  );
  // A rule is removed, or set by somebody else, only by commands that name it after it was set by its owner.
  const harmed = set.flatMap(({ rule, atMs }) =>
    about.filter(
      (each) =>
        each.rule === rule &&
        each.atMs > atMs &&
        each.status === 'done' &&
        (each.action === 'limit-link' || each.detail?.['award'] === undefined),
    ),
  );
  const names = pipeline.entries.filter(
    ({ fault, reason }) => fault === 'award-refused' && reason.includes('is not an award of'),
  );
  const held = set.length > 0 && harmed.length === 0 && refused.length > 0 && names.length > 0;
  return {
    id: 'rules-of-others',
    attack: "an attested agent removes, replaces or adopts another's rule",
    attacker,
    did: 'set a rule of its own, and then tried to remove, replace and adopt those of others, with and without naming their awards, and to give awards in their name',
    expected: 'prevented',
    outcome: held ? 'prevented' : set.length > 0 && harmed.length > 0 ? 'undetected' : 'not tried',
    what: held
      ? `${refused.length} commands were refused (${refused[0]?.reason}), and ${names.length} awards in the name of another`
      : `${set.length} rules were set, ${harmed.length} commands of others changed them`,
  };
}

/** Its guard changes what its second incarnation is started from. */
async function restartedChanged(
  pipeline: RunningPipeline,
  name: string,
): Promise<Pick<Found, 'outcome' | 'what' | 'detectedMs' | 'excludedMs'>> {
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

function early(pipeline: RunningPipeline): Found {
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
  };
}

/** One agent dies and comes back: the epoch for the set with it is sealed by a steward that seals rubbish, once. */
async function rubbishSealed({ pipeline, rubbish }: Inside): Promise<Found> {
  const row = {
    id: 'rubbish-epoch',
    attack: 'a steward that seals rubbish',
    attacker: 'the guard of the steward (changed copy)',
    did: 'opened an epoch whose envelopes are random bytes, when an agent had come back and a new key was due',
    expected: 'prevented' as const,
  };
  const { pid } = await pipeline.agent('a3');
  const seen = pipeline.entries.length;
  const since = (which: (entry: Entry) => boolean) =>
    eventually(() => pipeline.entries.slice(seen).find(which), WITHIN_MS, 20);
  process.kill(pid, 'SIGKILL');
  await since(({ event, subject }) => event === 'Revoked' && subject === 'a3');
  await since(({ event }) => event === 'EpochOpened');
  writeFileSync(rubbish, '');
  const told = await since(({ fault }) => fault === 'epoch-refused');
  if (told === undefined)
    return { ...row, outcome: 'not tried', what: 'no steward opened an epoch meanwhile' };
  const number = /epoch (\d+)/.exec(told.reason)?.[1] ?? '';
  const next = await since(
    ({ event, reason, atMs }) =>
      event === 'EpochOpened' && atMs > told.atMs && !reason.includes(`epoch ${number} `),
  );
  // Long enough for its envelopes to be opened.
  await passes(3000);
  const again = pipeline.entries
    .slice(seen)
    .filter(({ fault, atMs }) => fault === 'epoch-refused' && next !== undefined && atMs > next.atMs);
  if (next === undefined || again.length > 0)
    return { ...row, outcome: 'undetected', what: `${told.reason}; the group stays without a key` };
  const ms = next.atMs - told.atMs;
  return {
    ...row,
    outcome: 'prevented',
    what: `members say so at once (${told.reason}); after ${(ms / 1000).toFixed(1)} s the next steward has sealed a good one: ${next.reason}`,
  };
}

/** The clocks of all site daemons are moved by an hour, as far as they ask for the time of day. */
async function clocks(pipeline: RunningPipeline, skew: string): Promise<readonly Found[]> {
  const rows: Found[] = [];
  for (const [id, seconds, expected] of [
    ['clock-behind', -3600, 'prevented'],
    ['clock-ahead', 3600, 'detected'],
  ] as const) {
    const seen = pipeline.entries.length;
    writeFileSync(skew, String(seconds));
    await passes(SKEW_WATCH_MS);
    rmSync(skew);
    const cut = pipeline.entries
      .slice(seen)
      .filter(({ fault, reason }) => fault === 'hello-refused' && reason.includes('cut off'));
    rows.push({
      id,
      attack: `clock skew of an hour: ${seconds < 0 ? 'behind' : 'ahead'}`,
      attacker: 'who sets the clock of a site (changed copy of the daemon: its time of day is shifted)',
      did: `shifted the time of day of the site daemons by ${seconds} s, beyond one round of every agent`,
      expected,
      outcome: cut.length > 0 ? 'detected' : 'prevented',
      what:
        cut.length > 0
          ? `it fails closed: daemons take attestations for expired and cut off ${cut.length} agents; nobody is trusted longer, but the site is out of service`
          : 'no agent was cut off; validity counts on the monotonic clock and the time of the block',
    });
  }
  return rows;
}
