import type { Scenario } from '../../src/protocol/scenario.ts';
import type { RunResult } from '../../src/runtime/run-scenario.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { loadScenario } from '../../src/runtime/scenario/load-scenario.ts';
import type { Findings } from './figure.ts';
import { Figures } from './figure.ts';
import type { Ledger } from './ledger-outage.ts';
import { LEDGERS, LedgerOutage } from './ledger-outage.ts';
import { longFlood, OUTAGE, stepsOf, trustAfter } from './long-flood.ts';

/** Runs that did not come to time 0, on a machine that is too busy: more are a failure. */
const MOST_FAILED = 4;

type Plane = 'twin' | 'linux';

/**
 * Rounds of three runs with genuine agents, which differ in what becomes of the ledger for 30 s, in the middle of an attack: one round
 * on real packets where there is root, then in the twin as many as fit.
 */
export async function controlLoop(say: (text: string) => void, forMs: number): Promise<Findings> {
  const loaded = await loadScenario(new URL('../../scenarios/demo.yaml', import.meta.url).pathname);
  if (!loaded.ok) throw new Error('demo.yaml is not a scenario');
  const scenario = longFlood(loaded.scenario);
  const figures = new Figures();
  const beganMs = performance.now();
  let failed = 0;
  const again = async (attempt: () => Promise<RunResult>): Promise<RunResult> => {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        figures.note(`a run failed and was made again: ${why}`);
        say(why);
        if (++failed > MOST_FAILED) throw error;
      }
    }
  };
  /** `turn`: another order each time, so that none profits from being the first. */
  const round = async (plane: Plane, turn: number): Promise<void> => {
    for (let at = 0; at < LEDGERS.length; at++) {
      const ledger = LEDGERS[(at + turn) % LEDGERS.length] ?? 'running';
      const result = await again(() => run(scenario, plane, turn + 1, ledger));
      tell(figures, plane, `pair ${turn + 1}, ${plane}, ledger ${ledger}`, ledger, result);
      say(`pair ${turn + 1}, ${plane}, ledger ${ledger}: ${JSON.stringify(stepsOf(result))}`);
    }
  };
  if (process.getuid?.() === 0) await round('linux', 0);
  else figures.note('on real packets: skipped, it needs root');
  let pairs = 0;
  let longestMs = 0;
  // One at least, whatever it takes.
  while (pairs === 0 || performance.now() - beganMs + longestMs < forMs) {
    const roundMs = performance.now();
    await round('twin', pairs++);
    longestMs = Math.max(longestMs, performance.now() - roundMs);
  }
  const { fromMs, toMs } = OUTAGE;
  figures.note(
    `${pairs} rounds of three paired runs of demo.yaml with a longer attack and a second one, twin, 8 genuine agents; on real packets one, where it could be had`,
  );
  figures.note(
    `the ledger is away from ${fromMs / 1000} to ${toMs / 1000} s, the attack begins at 2 s, another at 14 s, a block lasts 10 s; only what was done in that time counts`,
  );
  figures.note('killed: SIGKILL, and SIGSTOP to each that is started in its place; stopped: SIGSTOP');
  return figures.findings();
}

function tell(figures: Figures, plane: Plane, which: string, ledger: Ledger, result: RunResult): void {
  const where = plane === 'linux' ? 'on real packets: ' : '';
  for (const [what, tookMs] of Object.entries(stepsOf(result))) {
    if (tookMs === undefined) figures.note(`${which}: ${what} never came`);
    else figures.add(`${where}${what}, ledger ${ledger}`, 'ms', tookMs);
  }
  if (ledger === 'running') return;
  const { without, lastMs } = trustAfter(result);
  figures.add(`${where}agents not attested on once the ledger was back, ledger ${ledger}`, 'agents', without);
  if (without === 0)
    figures.add(`${where}ledger back to a round passed by all, ledger ${ledger}`, 'ms', lastMs);
}

async function run(scenario: Scenario, plane: Plane, seed: number, ledger: Ledger): Promise<RunResult> {
  const outage = new LedgerOutage(ledger);
  const timers: NodeJS.Timeout[] = [];
  let trouble: unknown;
  const abort = new AbortController();
  const begin = (): void => {
    try {
      outage.begin();
    } catch (error) {
      trouble = error;
      abort.abort();
    }
  };
  try {
    return await runScenario({
      scenario,
      plane,
      seed,
      defence: 'on',
      genuine: true,
      signal: abort.signal,
      onProgress: (progress) => {
        if (progress.kind !== 'phase' || !progress.text.startsWith('time 0')) return;
        timers.push(
          setTimeout(begin, OUTAGE.fromMs),
          setTimeout(() => outage.end(), OUTAGE.toMs),
        );
      },
    });
  } catch (error) {
    throw trouble ?? error;
  } finally {
    for (const timer of timers) clearTimeout(timer);
    outage.end();
  }
}
