import type { JournalEntry } from '../../src/protocol/journal.ts';
import type { ServiceGraph } from '../../src/protocol/service-graph.ts';
import type { Substrate } from '../../src/protocol/substrate.ts';
import { createTestbed } from '../../src/runtime/create-testbed.ts';
import { JournalWriter } from '../../src/runtime/journal-writer.ts';
import { RunningNetwork } from '../../src/runtime/network/running-network.ts';
import type { GenuinePlacing } from '../../src/runtime/placement/genuine-placing.ts';
import type { Answer } from '../../src/runtime/placement/placing-agents.ts';
import { placingOf } from '../../src/runtime/placement/placing-of.ts';
import { siteScenario } from '../../src/runtime/placement/site-agents.ts';

const START_MS = -10_000;
const SLICE_MS = 10;

/** The agents of a substrate's sites, each a process that its peers have attested. */
export interface LiveSites {
  readonly network: RunningNetwork;
  readonly placing: GenuinePlacing;
  readonly journal: readonly JournalEntry[];
  /** How long it took until all agents were attested and keyed, ms. */
  readonly attestedAfterMs: number;
  /** Asks for a service; resolves with the answer and how long it took, ms. */
  apply(graph: ServiceGraph): Promise<{ readonly answer: Answer; readonly tookMs: number }>;
  withdraw(service: string): Promise<string | undefined>;
  pidOf(agent: string): number;
  /** Resolves with how long it took, ms; fails after `withinMs`. */
  until(what: string, withinMs: number, holds: () => boolean): Promise<number>;
  stop(): Promise<void>;
}

export async function startLiveSites(substrate: Substrate): Promise<LiveSites> {
  const beganMs = performance.now();
  let attestedAfterMs = Number.NaN;
  const scenario = siteScenario(substrate);
  const journal: JournalEntry[] = [];
  const writer = new JournalWriter((entry) => journal.push(entry), { forgetful: true });
  const onPhase = (text: string): void => {
    if (text.startsWith('all agents are attested')) attestedAfterMs = performance.now() - beganMs;
  };
  const built = await createTestbed(scenario, 'twin', 1, START_MS, onPhase, true);
  const { clock } = built;
  let stopped = false;
  const network = new RunningNetwork({
    scenario,
    seed: 1,
    startMs: START_MS,
    genuine: true,
    built,
    journal: writer,
    onPhase,
    onDeliver: () => true,
    placing: placingOf(substrate),
    rebirthEveryMs: 0,
    pass: async (untilMs) => {
      while (clock.nowMs() < untilMs) await clock.passUntil(Math.min(untilMs, clock.nowMs() + SLICE_MS));
    },
  });
  const stop = async (): Promise<void> => {
    stopped = true;
    await driving;
    await network.close();
    clock.close();
    await built.testbed.destroy();
  };
  let driving: Promise<void> = Promise.resolve();
  try {
    await network.start();
  } catch (error) {
    await stop();
    throw error;
  }
  driving = (async () => {
    while (!stopped) await clock.passUntil(clock.nowMs() + SLICE_MS);
  })();
  const { placing, genuine } = network;
  if (placing === undefined || genuine === undefined) throw new Error('its agents place nothing');
  return {
    network,
    placing,
    journal,
    attestedAfterMs,
    apply: (graph) =>
      new Promise((resolve) => {
        const askedMs = performance.now();
        placing.apply(graph, (answer) => resolve({ answer, tookMs: performance.now() - askedMs }));
      }),
    withdraw: (service) => new Promise((resolve) => placing.withdraw(service, resolve)),
    pidOf: (agent) => {
      const pid = genuine.pipeline.pidOf(agent);
      if (pid === undefined) throw new Error(`${agent} does not run`);
      return pid;
    },
    until: (what, withinMs, holds) =>
      new Promise((resolve, reject) => {
        const sinceMs = performance.now();
        const look = setInterval(() => {
          const tookMs = performance.now() - sinceMs;
          if (!holds() && tookMs <= withinMs) return;
          clearInterval(look);
          if (holds()) resolve(tookMs);
          else reject(new Error(`not within ${withinMs} ms: ${what}\n${faultsOf(journal)}`));
        }, 20);
      }),
    stop,
  };
}

function faultsOf(journal: readonly JournalEntry[]): string {
  return journal
    .flatMap((entry) => (entry.kind === 'fault' ? [`${entry.fault} ${entry.subject}: ${entry.reason}`] : []))
    .join('\n');
}
