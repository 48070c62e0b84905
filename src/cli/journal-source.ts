import { z } from 'zod';
import type { JournalEntry } from '../protocol/journal.ts';
import { JournalEntrySchema } from '../protocol/journal.ts';
import type { Run } from '../runtime/open-run.ts';
import type { UpFile } from '../runtime/up/up-file.ts';
import { readUpFile } from '../runtime/up/up-file.ts';
import { askUp } from './ask-up.ts';
import { note } from './printer.ts';
import { openNamedRun } from './run-dir.ts';

/** Where entries come from: what runs here, or a recorded run. */
export type JournalSource =
  | { readonly kind: 'up'; readonly up: UpFile; readonly journal: readonly JournalEntry[] }
  | { readonly kind: 'run'; readonly run: Run; readonly journal: readonly JournalEntry[] };

/** The run that `--run` names; else what is up here; else the last run. */
export async function openJournal(dir: string | undefined): Promise<JournalSource> {
  const up = dir === undefined ? readUpFile() : undefined;
  if (up === undefined) {
    const run = await openNamedRun(dir);
    return { kind: 'run', run, journal: run.journal };
  }
  note(`of ${up.scenario}, which is up here; --run DIR for a recorded run`);
  return { kind: 'up', up, journal: await entriesOf(up) };
}

/** What agents have reasoned lately, in order of time, as far as it is kept. */
async function entriesOf(up: UpFile): Promise<readonly JournalEntry[]> {
  const entries = z.array(JournalEntrySchema).parse(await askUp(up, 'GET', '/v1/entries'));
  return entries.sort((a, b) => a.tMs - b.tMs);
}
