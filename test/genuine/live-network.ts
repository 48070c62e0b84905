import { existsSync, readFileSync } from 'node:fs';
import type { JournalEntry } from '../../src/protocol/journal.ts';
import type { Timing } from '../../src/protocol/ledger.ts';
import type { Status } from '../../src/protocol/up-status.ts';
import type { AgentImage } from '../../src/runtime/genuine/agent-image.ts';
import { loadScenario } from '../../src/runtime/scenario/load-scenario.ts';
import { Supervisor } from '../../src/runtime/up/supervisor.ts';

/** A pipeline that is up in the twin, and what a test asks of it. */
export interface LiveNetwork {
  status(): Status;
  /** Entries so far. */
  readonly journal: readonly JournalEntry[];
  /** Resolves with how long it took, ms, as soon as it holds; fails after `withinMs`. */
  until(what: string, withinMs: number, holds: (status: Status) => boolean): Promise<number>;
  /** Every process of it, by what it is. */
  processes(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

const LOOK_MS = 20;

/** `image`: what agents are started from; absent: the agent process of this checkout. */
export async function startLiveNetwork(
  timing?: Timing,
  rebirthEveryMs = 0,
  image?: AgentImage,
): Promise<LiveNetwork> {
  const loaded = await loadScenario(new URL('../../scenarios/demo.yaml', import.meta.url).pathname);
  if (!loaded.ok) throw new Error('demo.yaml is not a scenario');
  const supervisor = new Supervisor({
    scenario: loaded.scenario,
    plane: 'twin',
    seed: 1,
    onPhase: () => {},
    ...(timing === undefined ? {} : { timing }),
    rebirthEveryMs,
    ...(image === undefined ? {} : { image }),
  });
  const journal: JournalEntry[] = [];
  supervisor.listen((_, entry) => journal.push(entry));
  let failure: unknown;
  const run = supervisor
    .run(() => {})
    .catch((error: unknown) => {
      failure = error;
    });
  const until: LiveNetwork['until'] = (what, withinMs, holds) =>
    new Promise((resolve, reject) => {
      const beganMs = performance.now();
      const look = setInterval(() => {
        const tookMs = performance.now() - beganMs;
        const status = supervisor.status();
        if (failure !== undefined) end(() => reject(failure));
        else if (holds(status)) end(() => resolve(tookMs));
        else if (tookMs > withinMs)
          end(() => reject(new Error(`not within ${withinMs} ms: ${what}\n${inShort(status)}`)));
      }, LOOK_MS);
      const end = (finish: () => void): void => {
        clearInterval(look);
        finish();
      };
    });
  await until('the network is up', 60_000, ({ ready }) => ready);
  return {
    status: () => supervisor.status(),
    journal,
    until,
    processes: () => {
      const { processes, agents } = supervisor.status();
      const all = new Map(Object.entries(processes));
      for (const { name, pid } of agents) if (pid !== null) all.set(name, pid);
      return all;
    },
    stop: async () => {
      supervisor.stop();
      await run;
    },
  };
}

/** Whether a process is there and is no corpse. */
export function isAlive(pid: number): boolean {
  if (!existsSync(`/proc/${pid}`)) return false;
  return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

export function allAttested({ agents, epoch }: Status): boolean {
  return epoch > 0 && agents.length === 8 && agents.every((each) => each.status === 'attested');
}

function inShort(status: Status): string {
  return status.agents
    .map((each) => `${each.name} ${each.status} ${each.incarnation} ${each.reason}`)
    .join('\n');
}
