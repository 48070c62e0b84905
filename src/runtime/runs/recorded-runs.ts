import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import type { Report } from '../../protocol/report.ts';
import type { RunId } from '../../protocol/run-view.ts';
import { RunIdSchema } from '../../protocol/run-view.ts';
import { changedSince } from '../recorded-text.ts';
import { RUN_FILES, readJournal, readReport } from '../run-files.ts';

/** More are not looked into: the newest count. */
const MOST_RUNS = 200;

/** A run that has been recorded, without its journal. */
export interface RecordedRun {
  readonly id: RunId;
  readonly report: Report;
  /** ms since 1970 at which it was written. */
  readonly writtenMs: number;
}

/** Runs in a directory, the newest first; what is none, or cannot be read, is left out. */
export async function recordedRuns(directory: string): Promise<readonly RecordedRun[]> {
  const names = await readdir(directory).catch(() => []);
  const found = await Promise.all(
    names.map(async (name) => {
      const id = RunIdSchema.safeParse(name);
      const written = await stat(join(directory, name, RUN_FILES.report)).catch(() => undefined);
      return id.success && written !== undefined ? [{ id: id.data, writtenMs: written.mtimeMs }] : [];
    }),
  );
  const newest = found
    .flat()
    .sort((a, b) => b.writtenMs - a.writtenMs)
    .slice(0, MOST_RUNS);
  const runs = await Promise.all(
    newest.map(async ({ id, writtenMs }) => {
      const report = await readReport(join(directory, id)).catch(() => undefined);
      return report === undefined ? [] : [{ id, report, writtenMs }];
    }),
  );
  return runs.flat();
}

export function isRecorded(directory: string, id: RunId): Promise<boolean> {
  return readReport(join(directory, id)).then(
    () => true,
    () => false,
  );
}

/**
 * Entries of a recorded run, each as the text that it was written as. A file that is still what was recorded is not parsed: that
 * it was made by Muster says its hash in the report.
 * @throws NOT_FOUND, BAD_FILE.
 */
export async function recordedEntries(directory: string, id: RunId): Promise<readonly string[]> {
  const dir = join(directory, id);
  const { recorded } = await readReport(dir);
  const path = join(dir, RUN_FILES.journal);
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new MusterError('NOT_FOUND', `${path} is not there`, { hint: 'run the scenario again', cause });
  });
  if (recorded !== null && changedSince(text, recorded.journal) === undefined) {
    return text.split('\n').filter((line) => line !== '');
  }
  return (await readJournal(dir)).lines;
}
