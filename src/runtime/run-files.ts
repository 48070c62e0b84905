import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { MusterError } from '../protocol/errors.ts';
import { firstIssue } from '../protocol/first-issue.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import { JournalEntrySchema } from '../protocol/journal.ts';
import type { Placing } from '../protocol/placing.ts';
import { PlacingSchema } from '../protocol/placing.ts';
import type { Report } from '../protocol/report.ts';
import { ReportSchema } from '../protocol/report.ts';
import type { AnchoredBatch } from '../protocol/run-record.ts';
import { AnchoredBatchSchema } from '../protocol/run-record.ts';
import type { Scenario } from '../protocol/scenario.ts';
import { RecordedScenarioSchema } from '../protocol/scenario.ts';
import type { CycleInput } from './agent-host.ts';
import { isCycleInput } from './agent-host.ts';
import { cannotWrite } from './cannot-write.ts';
import type { RunProof } from './genuine/run-proof.ts';
import { recordedText } from './recorded-text.ts';
import type { Recording } from './report/recording.ts';

/** A run's directory: what it was, what came of it, and all that a replay needs. */
export const RUN_FILES = {
  scenario: 'scenario.json',
  report: 'report.json',
  html: 'report.html',
  journal: 'journal.jsonl',
  inputs: 'inputs.jsonl',
} as const;

/** What a run of genuine agents holds besides, see `RunProof`. */
export const PROOF_FILES = {
  pipeline: 'pipeline.json',
  checkpoint: 'checkpoint.json',
  anchors: 'anchors.jsonl',
  ledger: 'ledger.journal',
} as const;

/** What some runs hold besides: what agents that place services were started with; what a what-if came to. */
export const BESIDE_FILES = { placing: 'placing.json', whatIf: 'what-if.json' } as const;

/** Writes a run into a directory that is there; answers the report as it is written, with what tells whether the files still are. */
export async function writeRun(
  dir: string,
  recording: Recording,
  built: Report,
  inputs: readonly CycleInput[],
  proof?: RunProof,
  placing?: Placing,
): Promise<Report> {
  // The report's page is heavy: only runs that are written need it.
  const { renderHtml } = await import('./report/html/render-html.ts');
  const text = recordedText(recording, inputs);
  const report: Report = { ...built, recorded: text.recorded };
  const files: readonly (readonly [string, string | Uint8Array])[] = [
    ...proofFiles(proof),
    ...(placing === undefined ? [] : [[BESIDE_FILES.placing, JSON.stringify(placing)] as const]),
    [RUN_FILES.scenario, JSON.stringify(recording.scenario, null, 2)],
    [RUN_FILES.journal, text.journal],
    [RUN_FILES.inputs, text.inputs],
    [RUN_FILES.html, renderHtml(recording, report)],
    [RUN_FILES.report, `${JSON.stringify(report, null, 2)}\n`],
  ];
  const part = (name: string) => join(dir, `${name}.part`);
  try {
    // Written beside and then renamed: an older run in that directory is whole until the new one is.
    for (const [name, content] of files) await writeFile(part(name), content);
    for (const [name] of files) await rename(part(name), join(dir, name));
    // Of an older run.
    for (const name of [...Object.values(PROOF_FILES), ...Object.values(BESIDE_FILES)]) {
      if (!files.some(([file]) => file === name)) await rm(join(dir, name), { force: true });
    }
  } catch (cause) {
    for (const [name] of files) await rm(part(name), { force: true }).catch(() => {});
    throw cannotWrite(dir, cause);
  }
  return report;
}

function proofFiles(proof: RunProof | undefined): readonly (readonly [string, string | Uint8Array])[] {
  if (proof === undefined) return [];
  const { pipeline, checkpoint, batches, ledgerJournal } = proof;
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return [
    [PROOF_FILES.pipeline, json(pipeline)],
    ...(checkpoint === undefined ? [] : [[PROOF_FILES.checkpoint, json(checkpoint)] as const]),
    [PROOF_FILES.anchors, batches.map((each) => `${JSON.stringify(each)}\n`).join('')],
    [PROOF_FILES.ledger, ledgerJournal],
  ];
}

/** What agents that place services were started with; undefined: none of the run did. @throws BAD_FILE. */
export async function readPlacing(dir: string): Promise<Placing | undefined> {
  const source = await readFile(join(dir, BESIDE_FILES.placing), 'utf8').catch(() => undefined);
  return source === undefined ? undefined : parse(PlacingSchema, dir, BESIDE_FILES.placing, source);
}

async function text(dir: string, file: string): Promise<string> {
  try {
    return await readFile(join(dir, file), 'utf8');
  } catch (cause) {
    throw new MusterError('NOT_FOUND', `${dir} holds no ${file}: it is not a run's directory`, {
      hint: 'run one first: bin/muster scenario run scenarios/demo.yaml',
      cause,
    });
  }
}

function bad(dir: string, file: string, why: string, cause?: unknown): MusterError {
  return new MusterError('BAD_FILE', `${join(dir, file)}: ${why}`, { hint: 'run the scenario again', cause });
}

export async function readScenario(dir: string): Promise<Scenario> {
  return parse(RecordedScenarioSchema, dir, RUN_FILES.scenario, await text(dir, RUN_FILES.scenario));
}

export async function readReport(dir: string): Promise<Report> {
  return parse(ReportSchema, dir, RUN_FILES.report, await text(dir, RUN_FILES.report));
}

/** A file of lines as it stands, and what is in it. */
export interface ReadLines<T> {
  readonly text: string;
  /** Without the last line's end. */
  readonly lines: readonly string[];
  readonly values: readonly T[];
}

export async function readJournal(dir: string): Promise<ReadLines<JournalEntry>> {
  const { source, lines } = await readLines(dir, RUN_FILES.journal);
  const values = lines.map((line, index) =>
    parse(JournalEntrySchema, dir, RUN_FILES.journal, line, `line ${index + 1}: `),
  );
  return { text: source, lines, values };
}

/** Inputs of cycles are checked for their frame; an agent's own parsers deal with what is in them. */
export async function readInputs(dir: string): Promise<ReadLines<CycleInput>> {
  const { source, lines } = await readLines(dir, RUN_FILES.inputs);
  const values = lines.map((line, index) => {
    const at = `line ${index + 1}: `;
    const value = parseJson(dir, RUN_FILES.inputs, line, at);
    if (!isCycleInput(value)) throw bad(dir, RUN_FILES.inputs, `${at}it is not a reasoning cycle`);
    return value;
  });
  return { text: source, lines, values };
}

/** Batches of a run's journal with what they were anchored as. @throws NOT_FOUND, BAD_FILE. */
export async function readAnchors(dir: string): Promise<readonly AnchoredBatch[]> {
  const { lines } = await readLines(dir, PROOF_FILES.anchors);
  return lines.map((line, index) =>
    parse(AnchoredBatchSchema, dir, PROOF_FILES.anchors, line, `line ${index + 1}: `),
  );
}

async function readLines(dir: string, file: string) {
  const source = await text(dir, file);
  return { source, lines: source.split('\n').filter((line) => line !== '') };
}

function parse<T>(schema: z.ZodType<T>, dir: string, file: string, source: string, at = ''): T {
  const parsed = schema.safeParse(parseJson(dir, file, source, at));
  if (!parsed.success) throw bad(dir, file, `${at}${firstIssue(parsed.error)}`);
  return parsed.data;
}

function parseJson(dir: string, file: string, source: string, at: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch (cause) {
    throw bad(dir, file, `${at}${source.trim() === '' ? 'it is empty' : 'it is not JSON'}`, cause);
  }
}
