import type { Row } from '../row.ts';
import { overwriteStrings } from '../support/heap-strings.ts';
import { copyOfProduct } from '../support/product-copy.ts';
import type { Entry, RunningPipeline } from '../support/running-pipeline.ts';
import { startPipeline } from '../support/running-pipeline.ts';
import { eventually } from '../support/wait.ts';
import { WITHOUT_RE_EXECUTION } from '../support/weakenings.ts';
import { untouched } from './live-attack.ts';

/** Two rounds of every agent (one in 20 s), the second over nothing but altered decisions, with the registry's word after each. */
const WATCH_MS = 60_000;
/** Words that an agent with a role says to those it works with, several times a second: what it was given is still held. */
const WORDS = ['confirmed', 'renew'];

type Found = Pick<Row, 'outcome' | 'what' | 'detectedMs' | 'excludedMs'>;

/** A live agent decides otherwise than its program, by its heap alone: no text, no descriptor, no other trace. */
export async function alteredDecisionRows(): Promise<readonly Row[]> {
  const row = {
    id: 'altered-decisions',
    attack: 'decisions of an attested agent altered in its heap',
    attacker: 'root',
    did: `found the string objects ${WORDS.join(' and ')} in the heap of V8, and overwrote their last letter: from then on the agent says what no peer understands, and does not understand what they say`,
    expected: 'detected' as const,
  };
  if (process.getuid?.() !== 0) return [{ ...row, outcome: 'not tried', what: 'skipped: needs root' }];
  const sound = await startPipeline('decisions');
  const names = await withRoles(sound);
  const controls = await Promise.all(names.slice(1).map((name) => sound.agent(name)));
  for (const { pid } of controls) overwriteStrings(pid, WORDS, (letter) => letter);
  const found = await alter(sound, names[0] ?? '');
  const unharmed = await untouched(sound, controls);
  const again = executedAgain(sound.entries);
  await sound.stop();
  const did = `the same strings of ${controls.map(({ name }) => name).join(', ')} were written as they were: ${unharmed ? 'all went on, attested, as the same processes' : 'not all went on'}; in all ${again} decisions were executed again`;
  const weak = await startPipeline('no-re-execution', {
    root: copyOfProduct('no-re-execution', WITHOUT_RE_EXECUTION),
  });
  const [victim = ''] = await withRoles(weak);
  const without = await alter(weak, victim);
  await weak.stop();
  return [
    {
      ...row,
      ...found,
      control: { did, asExpected: unharmed && again > 0 },
      withoutDefence: {
        did: `a copy of the product that draws no decisions: ${without.outcome}, ${without.what}`,
        asExpected: without.outcome === 'undetected',
      },
    },
  ];
}

async function alter(pipeline: RunningPipeline, name: string): Promise<Found> {
  const { pid } = await pipeline.agent(name);
  const seen = pipeline.entries.length;
  const startMs = performance.now();
  const written = overwriteStrings(pid, WORDS, (letter) => letter ^ 1);
  if (written === 0) return { outcome: 'not tried', what: 'no such string was found in its heap' };
  const since = (): readonly Entry[] =>
    pipeline.entries.slice(seen).filter(({ subject }) => subject === name);
  const excluded = await eventually(() => since().find(({ event }) => event === 'Revoked'), WATCH_MS);
  const refused = since().find(({ event, reason }) => event === 'VerdictGiven' && reason.includes('refused'));
  if (excluded === undefined) {
    const what = `${written} strings were overwritten; nothing noticed within ${WATCH_MS / 1000} s`;
    return { outcome: 'undetected', what };
  }
  return {
    outcome: 'detected',
    what: refused?.reason ?? excluded.reason,
    ...(refused === undefined ? {} : { detectedMs: refused.atMs - startMs }),
    excludedMs: excluded.atMs - startMs,
  };
}

/** Agents that hold a role: they talk without being attacked. */
async function withRoles(pipeline: RunningPipeline): Promise<readonly string[]> {
  const found = await eventually(
    async () => {
      const { agents } = await pipeline.status();
      const busy = agents.filter(({ roles, status }) => roles.length > 0 && status === 'attested');
      return busy.length > 1 ? busy.map(({ name }) => name) : undefined;
    },
    40_000,
    500,
  );
  if (found === undefined) throw new Error('no two agents have a role');
  return found;
}

function executedAgain(entries: readonly Entry[]): number {
  return entries.reduce((sum, { event, reason }) => {
    const count = /(\d+) of \d+ decisions were executed again/.exec(reason)?.[1];
    return event === 'VerdictGiven' && count !== undefined ? sum + Number(count) : sum;
  }, 0);
}
