import { createHash } from 'node:crypto';
import type { MindSnapshot } from '../core/bdi/mind.ts';
import { mindOf } from '../core/bdi/mind.ts';
import { toJournalEntry } from '../core/bdi/trace.ts';
import { MusterError } from '../protocol/errors.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import type { Report } from '../protocol/report.ts';
import type { Scenario } from '../protocol/scenario.ts';
import { buildAgents } from './build-agent.ts';
import { readInputs, readJournal, readReport, readScenario } from './run-files.ts';

export interface ReplayResult {
  /** Of the replayed entries; comparable with the recorded one when replayed to the end. */
  readonly traceHash: string;
  /** Null: the agents were processes of their own, and their recording has none. */
  readonly recordedHash: string | null;
  readonly equal: boolean;
  readonly entries: number;
}

/** A recorded run: its files, and the agents' minds at any time of it. */
export interface Run {
  readonly dir: string;
  readonly scenario: Scenario;
  readonly report: Report;
  readonly journal: readonly JournalEntry[];
  /** The mind of an agent as it was at `tMs`, by replaying it until then. */
  mindAt(agent: string, tMs: number): Promise<MindSnapshot>;
  /** Gives all agents their recorded inputs again, and compares what they then reason. */
  replay(untilMs?: number): Promise<ReplayResult>;
}

export async function openRun(dir: string): Promise<Run> {
  const [scenario, report, journal] = await Promise.all([
    readScenario(dir),
    readReport(dir),
    readJournal(dir),
  ]);
  const drive = async (untilMs: number) => {
    const inputs = await readInputs(dir);
    const hash = createHash('sha256');
    let entries = 0;
    const startMs = inputs[0]?.tMs ?? 0;
    const agents = buildAgents(scenario, {
      startMs,
      sinkOf: (agent) => ({
        push: (entry) => {
          entries++;
          hash.update(`${JSON.stringify(toJournalEntry(agent, entry))}\n`);
        },
      }),
      secret: String(report.seed),
    });
    const byName = new Map(agents.map(({ agent }) => [agent.id as string, agent]));
    for (const { agent: name, tMs, events } of inputs) {
      if (tMs > untilMs) break;
      const agent = byName.get(name);
      if (agent === undefined)
        throw new MusterError('BAD_FILE', `the recording names an unknown agent ${name}`);
      for (const event of events) agent.post(event);
      agent.cycle(tMs);
    }
    return { byName, traceHash: hash.digest('hex'), entries };
  };
  return {
    dir,
    scenario,
    report,
    journal,
    mindAt: async (name, tMs) => {
      const agent = (await drive(tMs)).byName.get(name);
      if (agent === undefined) {
        throw new MusterError('NOT_FOUND', `the run has no agent ${name}`, { hint: 'bin/muster agent list' });
      }
      return mindOf(agent);
    },
    replay: async (untilMs = Number.POSITIVE_INFINITY) => {
      const { traceHash, entries } = await drive(untilMs);
      return { traceHash, recordedHash: report.traceHash, equal: traceHash === report.traceHash, entries };
    },
  };
}
