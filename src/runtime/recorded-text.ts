import { createHash } from 'node:crypto';
import type { RecordedFile, Report } from '../protocol/report.ts';
import type { CycleInput } from './agent-host.ts';
import type { Recording } from './report/recording.ts';

/** The journal and the inputs of a run as they are written, a JSON value a line, and what tells whether they still are. */
export interface RecordedText {
  readonly journal: string;
  readonly inputs: string;
  readonly recorded: NonNullable<Report['recorded']>;
}

export function recordedText(recording: Recording, inputs: readonly CycleInput[]): RecordedText {
  const journal = asLines(recording.journal);
  const cycles = asLines(inputs);
  return {
    journal,
    inputs: cycles,
    recorded: {
      journal: { lines: recording.journal.length, sha256: sha256(journal) },
      inputs: { lines: inputs.length, sha256: sha256(cycles) },
    },
  };
}

/** How a file differs from what was recorded, in words; undefined: it does not. */
export function changedSince(text: string, recorded: RecordedFile): string | undefined {
  if (sha256(text) === recorded.sha256) return undefined;
  const lines = text.split('\n').filter((line) => line !== '').length;
  return lines === recorded.lines
    ? 'it has been changed since it was recorded'
    : `it has ${lines} lines, and ${recorded.lines} were recorded`;
}

function asLines(items: readonly unknown[]): string {
  return items.map((each) => `${JSON.stringify(each)}\n`).join('');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
