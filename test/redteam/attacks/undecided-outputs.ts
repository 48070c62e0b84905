import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Row } from '../row.ts';
import { LIARS, WITHOUT_COMPARISON } from '../support/liar-edits.ts';
import type { Edit } from '../support/product-copy.ts';
import { copyOfProduct } from '../support/product-copy.ts';
import type { Entry, RunningPipeline } from '../support/running-pipeline.ts';
import { startPipeline } from '../support/running-pipeline.ts';
import { eventually } from '../support/wait.ts';
import { untouched } from './live-attack.ts';

/** Two rounds of every agent (one in 20 s), with the registry's word after each. */
const WATCH_MS = 50_000;
const PLACED_WITHIN_MS = 30_000;

type Found = Pick<Row, 'outcome' | 'what' | 'detectedMs' | 'excludedMs'>;

const ROWS = {
  command: {
    id: 'undecided-command',
    attack: 'an honest log of decisions, and another command than the one decided on',
    attacker: 'who writes to the heap of an attested agent, unnoticed (changed copy of the agent)',
    did: 'had an agent win a role, and place its function with twice the memory that its log says; signed, numbered, in its epoch',
    expected: 'detected',
  },
  frame: {
    id: 'undecided-frame',
    attack: 'an honest log of decisions, and a message that was not decided on',
    attacker: 'who writes to the heap of an attested agent, unnoticed (changed copy of the agent)',
    did: 'sent one more message after one that was decided on; sealed, signed, committed to, under a number of its own',
    expected: 'detected',
  },
} as const;

/** An attested agent with valid keys decides and logs what its program does, and puts out something else. */
export async function undecidedOutputRows(): Promise<readonly Row[]> {
  const sound = await startPipeline('liars', { root: copyWith('liars', []) });
  const found = await attacks(sound);
  const calm = await untouched(sound, found.controls);
  const compared = sound.entries.filter(
    ({ event, reason }) => event === 'VerdictGiven' && reason.includes('are those it has decided'),
  ).length;
  await sound.stop();
  const names = found.controls.map(({ name }) => name).join(', ');
  const control = {
    did: `${names} run the same copy and were not told to: ${calm ? 'all went on, attested, as the same processes' : 'not all went on'}; ${compared} verdicts compared what came out of an agent, and passed it`,
    asExpected: calm && compared > 0,
  };
  const weak = await startPipeline('liars-unseen', { root: copyWith('liars-unseen', [WITHOUT_COMPARISON]) });
  const without = await attacks(weak);
  await weak.stop();
  return (['command', 'frame'] as const).map((which) => ({
    ...ROWS[which],
    ...found[which],
    control,
    withoutDefence: {
      did: `the same where verifiers do not compare: ${without[which].outcome}, ${without[which].what}`,
      asExpected: without[which].outcome === 'undetected',
    },
  }));
}

function copyWith(name: string, more: readonly Edit[]): string {
  const root = copyOfProduct(name, [...LIARS, ...more]);
  const program = fileURLToPath(new URL('../programs/liar.ts', import.meta.url));
  cpSync(program, join(root, 'src/runtime/agent-process/liar.ts'));
  return root;
}

/**
 * Both at once, by different agents. For a command to be due, the agent that watches the link is killed: another wins its role, one of
 * those that had none.
 */
async function attacks(pipeline: RunningPipeline) {
  const agents = await settled(pipeline);
  const watcher = agents.find(({ roles }) => roles.includes('link-monitor'));
  const talker = agents.find(({ roles }) => roles.includes('anomaly-detection'));
  if (watcher === undefined || talker === undefined) throw new Error('nobody plays the roles of the demo');
  const idle = agents.filter(({ roles }) => roles.length === 0);
  const told = new Set([watcher, talker, ...idle].map(({ name }) => name));
  const controls = agents.filter(({ name }) => !told.has(name));
  const frame = watched(pipeline, talker.name, () => signal(talker.pid, 'SIGWINCH'));
  for (const { pid } of idle) signal(pid, 'SIGUSR2');
  const seen = pipeline.entries.length;
  const placed = eventually(
    () =>
      pipeline.entries
        .slice(seen)
        .find(
          ({ kind, action, agent }) => kind === 'action' && action === 'place-function' && agent !== 'muster',
        ),
    PLACED_WITHIN_MS,
  );
  signal(watcher.pid, 'SIGKILL');
  const by = (await placed)?.['agent'];
  const command: Promise<Found> =
    typeof by === 'string' && told.has(by)
      ? watched(pipeline, by, () => {})
      : Promise.resolve({ outcome: 'not tried', what: 'no agent that was told to placed a function' });
  return { command: await command, frame: await frame, controls };
}

/** The agents, once those of the demo have their roles. */
async function settled(pipeline: RunningPipeline) {
  const found = await eventually(
    async () => {
      const agents = (await pipeline.status()).agents.flatMap((each) =>
        each.pid === null || each.status !== 'attested' ? [] : [{ ...each, pid: each.pid }],
      );
      return agents.filter(({ roles }) => roles.length > 0).length >= 5 ? agents : undefined;
    },
    40_000,
    500,
  );
  if (found === undefined) throw new Error('the roles of the demo are not all played');
  return found;
}

function signal(pid: number | null, which: NodeJS.Signals): void {
  if (pid !== null) process.kill(pid, which);
}

/** Does something to an agent, and waits for what becomes of it. */
async function watched(pipeline: RunningPipeline, name: string, act: () => void): Promise<Found> {
  const seen = pipeline.entries.length;
  const startMs = performance.now();
  act();
  const since = (): readonly Entry[] =>
    pipeline.entries.slice(seen).filter(({ subject }) => subject === name);
  const excluded = await eventually(() => since().find(({ event }) => event === 'Revoked'), WATCH_MS);
  if (excluded === undefined)
    return {
      outcome: 'undetected',
      what: `nothing noticed within ${WATCH_MS / 1000} s: ${name} goes on, attested`,
    };
  const refused = since().find(({ event, reason }) => event === 'VerdictGiven' && reason.includes('refused'));
  return {
    outcome: 'detected',
    what: refused?.reason ?? excluded.reason,
    ...(refused === undefined ? {} : { detectedMs: refused.atMs - startMs }),
    excludedMs: excluded.atMs - startMs,
  };
}
