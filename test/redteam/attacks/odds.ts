import type { Row } from '../row.ts';
import { ALTERING, alteredSegments, DRAWS } from '../support/altered-segments.ts';
import { copyOfProduct } from '../support/product-copy.ts';
import type { Entry, RunningPipeline } from '../support/running-pipeline.ts';
import { startPipeline } from '../support/running-pipeline.ts';
import { eventually } from '../support/wait.ts';

const RUNS = 100;
const RUNS_WITHOUT = 20;
const WITHIN_MS = 400_000;
const WITHOUT_WITHIN_MS = 90_000;
/** 99.9 % of a binomial distribution lie within so many standard deviations. */
const DEVIATIONS = 3.3;

/** One round of an altering agent. */
interface Run {
  /** That this round catches it: 1 - (1 - p)^k, with the p of its decisions that are in altered segments. */
  readonly chance: number;
  readonly caught: boolean;
}

interface Counted {
  readonly runs: readonly Run[];
  /** Refused for another reason than its decisions. */
  readonly otherwise: readonly string[];
  readonly honest: { readonly judged: number; readonly refused: readonly string[] };
}

/** How often live rounds catch an agent that has altered a known part of its decisions, against what the draw promises. */
export async function oddsRows(): Promise<readonly Row[]> {
  const { runs, otherwise, honest } = await counted();
  const expected = runs.reduce((sum, { chance }) => sum + chance, 0);
  const deviation = Math.sqrt(runs.reduce((sum, { chance }) => sum + chance * (1 - chance), 0));
  const caught = runs.filter((each) => each.caught).length;
  const asPromised = Math.abs(caught - expected) <= DEVIATIONS * deviation;
  const enough = runs.length >= RUNS && otherwise.length === 0;
  const without = await passedWithout();
  return [
    {
      id: 'odds',
      attack: `decisions altered by the memory of an agent: ${RUNS} live rounds`,
      attacker:
        'who writes to the heap, .data or JIT pages of an agent, unnoticed (changed copy of the agent)',
      did: `in each round of ${ALTERING.length} agents, put an effect of its own among those of one segment of 4 decisions, one of the first three; ${DRAWS} decisions are drawn here, not 16, so that most rounds may go either way; went on as soon as the next incarnation was attested`,
      expected: 'detected',
      outcome: !enough ? 'not tried' : asPromised ? 'detected' : 'undetected',
      what: `caught in ${caught} of ${runs.length} rounds; 1 - (1 - p)^${DRAWS}, with the p of each round, promises ${expected.toFixed(1)}, with a standard deviation of ${deviation.toFixed(1)}${otherwise.length === 0 ? '' : `; refused otherwise: ${otherwise.join('; ')}`}`,
      control: {
        did: `agents of the same copy that alter nothing: ${honest.refused.length} of ${honest.judged} rounds refused${honest.refused.map((reason) => `; ${reason}`).join('')}`,
        asExpected: honest.refused.length === 0 && honest.judged > 0,
      },
      withoutDefence: {
        did: `the same where no decisions are drawn: ${without.passed} rounds passed, ${without.refused} refused`,
        asExpected: without.passed >= RUNS_WITHOUT && without.refused === 0,
      },
    },
  ];
}

async function counted(): Promise<Counted> {
  const pipeline = await startPipeline('odds', { root: copyOfProduct('odds', alteredSegments()) });
  try {
    const count = counterOf(pipeline);
    await eventually(() => (count().runs.length >= RUNS ? true : undefined), WITHIN_MS, 200);
    return count();
  } finally {
    await pipeline.stop();
  }
}

/** Reads on where it stopped: an agent tells what is altered in a head before the verdict on that head is given. */
function counterOf(pipeline: RunningPipeline): () => Counted {
  const runs: Run[] = [];
  const otherwise: string[] = [];
  const honest = { judged: 0, refused: [] as string[] };
  const stated = new Map<string, { readonly altered: number; readonly all: number }>();
  const judged = new Set<string>();
  let [chars, entries] = [0, 0];
  const judge = ({ subject, reason }: Entry): void => {
    const round = /^Round (\d+)/.exec(reason)?.[1] ?? '';
    const all = Number(/(\d+) decisions were executed again/.exec(reason)?.[1] ?? 0);
    // Only the first verdict of a round: the registry executes the same again.
    if (judged.has(round)) return;
    judged.add(round);
    const refused = reason.includes('refused');
    if (!ALTERING.includes(subject)) {
      honest.judged += all > 0 ? 1 : 0;
      if (refused) honest.refused.push(reason);
      return;
    }
    const head = stated.get(subject);
    if (head === undefined || head.altered === 0 || head.all !== all) return;
    if (refused && !reason.includes('not what its program decides')) otherwise.push(reason);
    runs.push({ chance: 1 - (1 - head.altered / head.all) ** DRAWS, caught: refused });
  };
  return () => {
    const log = pipeline.log();
    const whole = log.lastIndexOf('\n') + 1;
    for (const line of log.slice(chars, whole).split('\n')) {
      const [, agent, altered, all] = /: (a\d): ALTERED (\d+) OF (\d+)/.exec(line) ?? [];
      if (agent !== undefined) stated.set(agent, { altered: Number(altered), all: Number(all) });
    }
    chars = whole;
    for (const entry of pipeline.entries.slice(entries)) if (entry.event === 'VerdictGiven') judge(entry);
    entries = pipeline.entries.length;
    return { runs, otherwise, honest };
  };
}

async function passedWithout(): Promise<{ readonly passed: number; readonly refused: number }> {
  const pipeline = await startPipeline('no-odds', { root: copyOfProduct('no-odds', alteredSegments(0)) });
  const verdicts = (word: string) =>
    pipeline.entries.filter(
      ({ event, subject, reason }) =>
        event === 'VerdictGiven' && ALTERING.includes(subject) && reason.includes(` ${word} `),
    ).length;
  try {
    await eventually(() => (verdicts('passed') >= RUNS_WITHOUT ? true : undefined), WITHOUT_WITHIN_MS, 200);
    return { passed: verdicts('passed'), refused: verdicts('refused') };
  } finally {
    await pipeline.stop();
  }
}
