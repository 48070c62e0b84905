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
/** The agent that watches a link; what its readings are called, several of which come every second. */
const WATCHER = 'link-monitor';
const WORD = 'link-load';

type Found = Pick<Row, 'outcome' | 'what' | 'detectedMs' | 'excludedMs'>;

/** A live agent decides otherwise than its program, by its heap alone: no text, no descriptor, no other trace. */
export async function alteredDecisionRows(): Promise<readonly Row[]> {
  const row = {
    id: 'altered-decisions',
    attack: 'decisions of an attested agent altered in its heap',
    attacker: 'root',
    did: `in the agent that watches the link, found the string object ${WORD} in the heap of V8, and overwrote its last letter: from then on it passes over what it reads of the link, and would see no flood`,
    expected: 'detected' as const,
  };
  if (process.getuid?.() !== 0) return [{ ...row, outcome: 'not tried', what: 'skipped: needs root' }];
  const sound = await startPipeline('decisions');
  const { watcher, others } = await withRoles(sound);
  const controls = await Promise.all(others.map((name) => sound.agent(name)));
  for (const { pid } of controls) overwriteStrings(pid, [WORD], (letter) => letter);
  const found = await alter(sound, watcher);
  const unharmed = await untouched(sound, controls);
  const again = executedAgain(sound.entries);
  await sound.stop();
  const did = `the same strings of ${controls.map(({ name }) => name).join(', ')} were written as they were: ${unharmed ? 'all went on, attested, as the same processes' : 'not all went on'}; in all ${again} decisions were executed again`;
  const weak = await startPipeline('no-re-execution', {
    root: copyOfProduct('no-re-execution', WITHOUT_RE_EXECUTION),
  });
  const without = await alter(weak, (await withRoles(weak)).watcher);
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
  const written = overwriteStrings(pid, [WORD], (letter) => letter ^ 1);
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

/** The agent that watches the link, and others that hold a role. */
async function withRoles(pipeline: RunningPipeline) {
  const found = await eventually(
    async () => {
      const { agents } = await pipeline.status();
      const busy = agents.filter(({ roles, status }) => roles.length > 0 && status === 'attested');
      const watcher = busy.find(({ roles }) => roles.includes(WATCHER))?.name;
      const others = busy.map(({ name }) => name).filter((name) => name !== watcher);
      return watcher === undefined || others.length === 0 ? undefined : { watcher, others };
    },
    40_000,
    500,
  );
  if (found === undefined) throw new Error(`nobody is the ${WATCHER}, or nobody else has a role`);
  return found;
}

function executedAgain(entries: readonly Entry[]): number {
  return entries.reduce((sum, { event, reason }) => {
    const count = /(\d+) of \d+ decisions were executed again/.exec(reason)?.[1];
    return event === 'VerdictGiven' && count !== undefined ? sum + Number(count) : sum;
  }, 0);
}
