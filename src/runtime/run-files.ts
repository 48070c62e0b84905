import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../protocol/errors.ts';
import type { JournalEntry } from '../protocol/journal.ts';
import { JournalEntrySchema } from '../protocol/journal.ts';
import type { Report } from '../protocol/report.ts';
import { ReportSchema } from '../protocol/report.ts';
import type { Scenario } from '../protocol/scenario.ts';
import { ScenarioSchema } from '../protocol/scenario.ts';
import type { CycleInput } from './agent-host.ts';
import { isCycleInput } from './agent-host.ts';
import type { Recording } from './report/recording.ts';

/** A run's directory: what it was, what came of it, and all that a replay needs. */
export const RUN_FILES = {
  scenario: 'scenario.json',
  report: 'report.json',
  html: 'report.html',
  journal: 'journal.jsonl',
  inputs: 'inputs.jsonl',
} as const;

export async function writeRun(
  dir: string,
  recording: Recording,
  report: Report,
  inputs: readonly CycleInput[],
): Promise<void> {
  // The report's page is heavy: only runs that are written need it.
  const { renderHtml } = await import('./report/html/render-html.ts');
  await mkdir(dir, { recursive: true });
  const lines = (items: readonly unknown[]) => items.map((each) => JSON.stringify(each)).join('\n');
  const files: readonly (readonly [string, string])[] = [
    [RUN_FILES.scenario, JSON.stringify(recording.scenario, null, 2)],
    [RUN_FILES.journal, `${lines(recording.journal)}\n`],
    [RUN_FILES.inputs, `${lines(inputs)}\n`],
    [RUN_FILES.html, renderHtml(recording, report)],
    [RUN_FILES.report, `${JSON.stringify(report, null, 2)}\n`],
  ];
  // Written beside and then renamed: an older run in that directory is whole until the new one is.
  await Promise.all(files.map(([name, content]) => writeFile(join(dir, `${name}.part`), content)));
  for (const [name] of files) await rename(join(dir, `${name}.part`), join(dir, name));
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

function bad(dir: string, file: string, why: string): MusterError {
  return new MusterError('BAD_FILE', `${join(dir, file)}: ${why}`, { hint: 'run the scenario again' });
}

export async function readScenario(dir: string): Promise<Scenario> {
  const parsed = ScenarioSchema.safeParse(parseJson(await text(dir, RUN_FILES.scenario)));
  if (!parsed.success) throw bad(dir, RUN_FILES.scenario, parsed.error.message);
  return parsed.data;
}

export async function readReport(dir: string): Promise<Report> {
  const parsed = ReportSchema.safeParse(parseJson(await text(dir, RUN_FILES.report)));
  if (!parsed.success) throw bad(dir, RUN_FILES.report, parsed.error.message);
  return parsed.data;
}

export async function readJournal(dir: string): Promise<JournalEntry[]> {
  return parseLines(await text(dir, RUN_FILES.journal)).map((each, index) => {
    const parsed = JournalEntrySchema.safeParse(each);
    if (!parsed.success) throw bad(dir, RUN_FILES.journal, `line ${index + 1}: ${parsed.error.message}`);
    return parsed.data;
  });
}

/** Inputs of cycles are checked for their frame; an agent's own parsers deal with what is in them. */
export async function readInputs(dir: string): Promise<CycleInput[]> {
  return parseLines(await text(dir, RUN_FILES.inputs)).map((each, index) => {
    if (!isCycleInput(each)) throw bad(dir, RUN_FILES.inputs, `line ${index + 1} is not a cycle`);
    return each;
  });
}

function parseJson(source: string): unknown {
  try {
    return JSON.parse(source) as unknown;
  } catch {
    return undefined;
  }
}

function parseLines(source: string): unknown[] {
  return source
    .split('\n')
    .filter((line) => line !== '')
    .map(parseJson);
}
