import type { Report } from '../../src/protocol/report.ts';
import type { Scenario } from '../../src/protocol/scenario.ts';
import { runScenario } from '../../src/runtime/run-scenario.ts';
import { loadScenario } from '../../src/runtime/scenario/load-scenario.ts';
import type { Findings } from './figure.ts';
import { Figures } from './figure.ts';
import { descendants, signalTo } from './processes.ts';

const LEDGER_PROGRAM = 'ledgerNode.mjs';
const LOOK_MS = 25;
/** The attack begins 2 s after time 0; the last source is blocked about 3 s later. */
const ATTACK_MS = 2000;
const DURATION_MS = 8_500;
/** Runs that did not come to time 0, on a machine that is too busy: more are a failure. */
const MOST_FAILED = 4;
const WARM_UP_MS = 2000;

/** What becomes of the ledger's process at time 0, before the attack. */
export type Ledger = 'running' | 'killed' | 'stopped';
const LEDGERS: readonly Ledger[] = ['running', 'killed', 'stopped'];

/** Rounds of three runs of the demo with genuine agents, which differ in what becomes of the ledger; as many as fit. */
export async function controlLoop(say: (text: string) => void, forMs: number): Promise<Findings> {
  const loaded = await loadScenario(new URL('../../scenarios/demo.yaml', import.meta.url).pathname);
  if (!loaded.ok) throw new Error('demo.yaml is not a scenario');
  const scenario = shortened(loaded.scenario);
  const figures = new Figures();
  const beganMs = performance.now();
  let pairs = 0;
  let longestMs = 0;
  let failed = 0;
  const again = async (attempt: () => Promise<Report>): Promise<Report> => {
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
  while (performance.now() - beganMs + longestMs < forMs) {
    const roundMs = performance.now();
    // Another order each time: none profits from being the first.
    const order = LEDGERS.map((_, at) => LEDGERS[(at + pairs) % LEDGERS.length] ?? 'running');
    const seen = new Map<Ledger, Report>();
    for (const ledger of order) seen.set(ledger, await again(() => run(scenario, pairs + 1, ledger)));
    for (const [ledger, { attack, mitigation }] of seen) {
      const add = (what: string, tMs: number | null) => {
        if (tMs === null) figures.note(`pair ${pairs + 1}, ledger ${ledger}: ${what} never came`);
        else figures.add(`${what}, ledger ${ledger}`, 'ms', tMs - (attack.startMs ?? ATTACK_MS));
      };
      add('attack to link limit', mitigation.firstLinkLimitMs);
      add('attack to target limit', mitigation.firstTargetLimitMs);
      add('attack to all blocked', mitigation.allSourcesBlockedMs);
      say(`pair ${pairs + 1}, ledger ${ledger}: all blocked at ${mitigation.allSourcesBlockedMs} ms`);
    }
    pairs++;
    longestMs = Math.max(longestMs, performance.now() - roundMs);
  }
  figures.note(
    `${pairs} rounds of three paired runs (target: ten) of demo.yaml cut to ${DURATION_MS / 1000} s, twin, 8 genuine agents`,
  );
  figures.note(
    'killed: SIGKILL at time 0, and SIGSTOP to each that is started in its place; stopped: SIGSTOP at time 0',
  );
  return figures.findings();
}

function shortened(scenario: Scenario): Scenario {
  const attacks = scenario.attacks.map((each) => ({
    ...each,
    startMs: ATTACK_MS,
    durationMs: DURATION_MS - ATTACK_MS,
  }));
  return { ...scenario, attacks, durationMs: DURATION_MS, warmupMs: WARM_UP_MS };
}

async function run(scenario: Scenario, seed: number, ledger: Ledger): Promise<Report> {
  let down: NodeJS.Timeout | undefined;
  const hit = new Set<number>();
  const takeDown = (first: boolean): void => {
    for (const pid of descendants(LEDGER_PROGRAM)) {
      if (hit.has(pid)) continue;
      hit.add(pid);
      signalTo(pid, first && ledger === 'killed' ? 'SIGKILL' : 'SIGSTOP');
    }
  };
  try {
    const { report } = await runScenario({
      scenario,
      plane: 'twin',
      seed,
      defence: 'on',
      genuine: true,
      onProgress: (progress) => {
        if (progress.kind !== 'phase' || ledger === 'running' || !progress.text.startsWith('time 0')) return;
        takeDown(true);
        if (hit.size === 0) throw new Error('there is no ledger process to take down');
        down = setInterval(() => takeDown(false), LOOK_MS);
      },
    });
    return report;
  } finally {
    clearInterval(down);
    for (const pid of descendants(LEDGER_PROGRAM)) signalTo(pid, 'SIGKILL');
  }
}
