import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { Scenario } from '../../protocol/scenario.ts';
import { RecordedScenarioSchema } from '../../protocol/scenario.ts';
import { cannotWrite } from '../cannot-write.ts';

/** In Muster's home. Once the newest has as many entries as are kept, it becomes the older one, in place of that before it. */
export const JOURNAL_FILES = {
  about: 'journal-about.json',
  older: 'journal-older.jsonl',
  newest: 'journal.jsonl',
} as const;

/** What was up when a journal was written. */
export const JournalAboutSchema = z.strictObject({
  format: z.literal(1),
  scenario: RecordedScenarioSchema,
  plane: z.enum(['twin', 'linux']),
  seed: z.int(),
  /** Whose process writes it, and since when that runs, clock ticks since boot. */
  pid: z.int(),
  startTime: z.number(),
  /** ms since 1970. */
  startedAtMs: z.number(),
});
export type JournalAbout = Omit<z.infer<typeof JournalAboutSchema>, 'scenario'> & {
  readonly scenario: Scenario;
};

export interface JournalFile {
  append(entry: JournalEntry): void;
  close(): void;
}

/**
 * The journal of what is up on disk, from its first entry on, so that nothing is forgotten when its process ends, however it does: what
 * has been appended is the kernel's, and survives the process. A disk that takes no more is told once; what is up goes on without.
 */
export function beginJournalFile(
  home: string,
  about: JournalAbout,
  mostEntries: number,
  onTrouble: (error: Error) => void,
): JournalFile {
  const path = join(home, JOURNAL_FILES.newest);
  let file: number | undefined;
  let lines = 0;
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (cause) {
      if (file !== undefined) closeSync(file);
      file = undefined;
      onTrouble(cannotWrite(path, cause));
    }
  };
  guarded(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    rmSync(join(home, JOURNAL_FILES.older), { force: true });
    writeWhole(join(home, JOURNAL_FILES.about), JSON.stringify(about));
    file = openSync(path, 'w', 0o600);
  });
  return {
    append: (entry) => {
      if (file === undefined) return;
      const to = file;
      guarded(() => {
        writeAll(to, `${JSON.stringify(entry)}\n`);
        if (++lines < mostEntries) return;
        closeSync(to);
        file = undefined;
        renameSync(path, join(home, JOURNAL_FILES.older));
        file = openSync(path, 'w', 0o600);
        lines = 0;
      });
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

function writeWhole(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeAll(file, text);
  } finally {
    closeSync(file);
  }
}

/** A disk that is nearly full takes a part. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
}
