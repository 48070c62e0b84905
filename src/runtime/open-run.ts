import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { MindSnapshot } from '../core/bdi/mind.ts';
import { mindOf } from '../core/bdi/mind.ts';
import { toJournalEntry } from '../core/bdi/trace.ts';
import { MusterError } from '../protocol/errors.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import type { Report } from '../protocol/report.ts';
import type { Scenario } from '../protocol/scenario.ts';
import { buildAgents } from './build-agent.ts';
import type { ReplayedEntry } from './compare-trace.ts';
import { compareTrace } from './compare-trace.ts';
import { changedSince } from './recorded-text.ts';
import { RUN_FILES, readInputs, readJournal, readReport, readScenario } from './run-files.ts';

export interface ReplayResult {
  /** Of the replayed entries; comparable with the recorded one when replayed to the end. */
  readonly traceHash: string;
  /** Null: the agents were processes of their own, and their recording has none. */
  readonly recordedHash: string | null;
  readonly equal: boolean;
  /** In words, what differs first; undefined when equal. */
  readonly difference: string | undefined;
  readonly entries: number;
}

/** A recorded run: its files, and the agents' minds at any time of it. */
export interface Run {
  readonly dir: string;
  readonly scenario: Scenario;
  readonly report: Report;
  readonly journal: readonly JournalEntry[];
  /** From when to when agents reasoned, ms. */
  span(): Promise<{ readonly fromMs: number; readonly toMs: number }>;
  /** The mind of an agent as it was at `tMs`, by replaying it until then. */
  mindAt(agent: string, tMs: number): Promise<MindSnapshot>;
  /** Gives all agents their recorded inputs again, and compares what they then reason with the journal, entry by entry. */
  replay(untilMs?: number): Promise<ReplayResult>;
}

/**
 * Opens a recorded run.
 * @throws BAD_FILE when a file is damaged, or the journal is not the one that was recorded; with `unchecked` it is taken
 * as it stands, for a replay that tells what differs.
 */
export async function openRun(dir: string, { unchecked = false } = {}): Promise<Run> {
  const [scenario, report, journal] = await Promise.all([
    readScenario(dir),
    readReport(dir),
    readJournal(dir),
  ]);
  const journalChanged =
    report.recorded === null ? undefined : changedSince(journal.text, report.recorded.journal);
  if (journalChanged !== undefined && !unchecked) {
    throw new MusterError('BAD_FILE', `${join(dir, RUN_FILES.journal)}: ${journalChanged}`, {
      hint: `bin/muster replay ${dir} tells what differs`,
    });
  }
  const inputsOf = async () => {
    const inputs = await readInputs(dir);
    const changed = report.recorded === null ? undefined : changedSince(inputs.text, report.recorded.inputs);
    return { inputs: inputs.values, changed };
  };
  const trusted = async () => {
    const { inputs, changed } = await inputsOf();
    if (changed === undefined) return inputs;
    throw new MusterError('BAD_FILE', `${join(dir, RUN_FILES.inputs)}: ${changed}`, {
      hint: 'run the scenario again',
    });
  };
  const drive = (inputs: Awaited<ReturnType<typeof trusted>>, untilMs: number) => {
    const hash = createHash('sha256');
    const entries: ReplayedEntry[] = [];
    const startMs = inputs[0]?.tMs ?? 0;
    const agents = buildAgents(scenario, {
      startMs,
      sinkOf: (agent) => ({
        push: (entry) => {
          const line = JSON.stringify(toJournalEntry(agent, entry));
          entries.push({ tMs: entry.tMs, line });
          hash.update(`${line}\n`);
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
    journal: journal.values,
    span: async () => {
      // Inputs of agents in processes of their own come in batches.
      let [fromMs, toMs] = [0, report.durationMs];
      for (const { tMs } of await trusted()) {
        fromMs = Math.min(fromMs, tMs);
        toMs = Math.max(toMs, tMs);
      }
      return { fromMs, toMs };
    },
    mindAt: async (name, tMs) => {
      const agent = drive(await trusted(), tMs).byName.get(name);
      if (agent === undefined) {
        throw new MusterError('NOT_FOUND', `the run has no agent ${name}`, { hint: 'bin/muster agent list' });
      }
      return mindOf(agent);
    },
    replay: async (untilMs = Number.POSITIVE_INFINITY) => {
      const { inputs, changed } = await inputsOf();
      const { traceHash, entries } = drive(inputs, untilMs);
      const recordedLines = journal.lines.filter((_, index) => journal.values[index]?.agent !== 'muster');
      const difference =
        (changed === undefined ? undefined : `${RUN_FILES.inputs}: ${changed}`) ??
        compareTrace(entries, recordedLines) ??
        (journalChanged === undefined
          ? undefined
          : `${RUN_FILES.journal}: ${journalChanged}; the agents' entries are equal, those of the runtime are not`) ??
        (traceHash === report.traceHash
          ? undefined
          : `the replayed trace is ${traceHash}, ${RUN_FILES.report} has ${report.traceHash}`);
      return {
        traceHash,
        recordedHash: report.traceHash,
        equal: difference === undefined,
        difference,
        entries: entries.length,
      };
    },
  };
}
