import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { MindSnapshot } from '../core/bdi/mind.ts';
import { mindOf } from '../core/bdi/mind.ts';
import { toJournalEntry } from '../core/bdi/trace.ts';
import { MusterError } from '../protocol/errors.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import { JournalEntrySchema } from '../protocol/journal.ts';
import type { Report } from '../protocol/report.ts';
import type { Scenario } from '../protocol/scenario.ts';
import type { ReplayedEntry } from './compare-trace.ts';
import { compareTrace } from './compare-trace.ts';
import { changedSince } from './recorded-text.ts';
import { replayedAgents } from './replayed-agents.ts';
import { RUN_FILES, readInputs, readJournal, readPlacing, readReport, readScenario } from './run-files.ts';

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
  const [scenario, report, journal, placing] = await Promise.all([
    readScenario(dir),
    readReport(dir),
    readJournal(dir),
    readPlacing(dir),
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
  const lineOf = report.traceHash === null ? asCollected : (entry: JournalEntry) => JSON.stringify(entry);
  const drive = (inputs: Awaited<ReturnType<typeof trusted>>, untilMs: number) => {
    const hash = createHash('sha256');
    const entries: ReplayedEntry[] = [];
    const agents = replayedAgents({
      scenario,
      placing,
      common: { startMs: inputs[0]?.tMs ?? 0, secret: String(report.seed) },
      sinkOf: (agent) => ({
        push: (entry) => {
          const line = lineOf(toJournalEntry(agent, entry));
          entries.push({ tMs: entry.tMs, line });
          hash.update(`${line}\n`);
        },
      }),
    });
    for (const input of inputs) {
      // Not in order of time between agents that were processes of their own.
      if (input.tMs > untilMs) continue;
      const agent = agents.of(input);
      for (const event of input.events) agent.post(event);
      agent.cycle(input.tMs);
    }
    return { agents, traceHash: hash.digest('hex'), entries };
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
      const agent = drive(await trusted(), tMs).agents.lastOf(name);
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
        (report.traceHash === null || traceHash === report.traceHash
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

/** The line of an entry that has come from a process of its own: parsed there, so its fields are in the schema's order. */
function asCollected(entry: JournalEntry): string {
  const parsed = JournalEntrySchema.safeParse(JSON.parse(JSON.stringify(entry)));
  return JSON.stringify(parsed.success ? parsed.data : entry);
}
