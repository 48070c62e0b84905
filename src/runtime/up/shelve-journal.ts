import { existsSync, mkdirSync } from 'node:fs';
import { readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../../protocol/errors.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import { JournalEntrySchema } from '../../protocol/journal.ts';
import { buildReport } from '../report/build-report.ts';
import type { Recording } from '../report/recording.ts';
import { writeRun } from '../run-files.ts';
import { JOURNAL_FILES, type JournalAbout, JournalAboutSchema } from './journal-file.ts';
import { startTimeOf } from './up-file.ts';

/** Journals of what was up that are kept as runs; of older ones the oldest goes. */
export const MOST_SHELVED = 10;
const SHELVED = /^up-\d{8}-\d{6}(-\d+)?$/;

/**
 * Makes a run of the journal that an earlier `muster up` has left in its home, ended or killed: what it did can be asked as of any
 * other run. Answers the run's directory; undefined: nothing was left. One that cannot be read is put aside, and not touched again.
 * @throws USAGE when somebody else writes it still; what `writeRun` throws: then the journal stays where it is.
 */
export async function shelveJournal(home: string, runs: string): Promise<string | undefined> {
  const at = (name: keyof typeof JOURNAL_FILES) => join(home, JOURNAL_FILES[name]);
  if (!existsSync(at('newest'))) return undefined;
  const about = await readAbout(at('about'));
  if (about === undefined) {
    await rename(at('newest'), `${at('newest')}.unreadable`);
    return undefined;
  }
  if (about.pid !== process.pid && startTimeOf(about.pid) === about.startTime) {
    throw new MusterError('USAGE', `process ${about.pid} writes its journal in ${home}`, {
      hint: 'muster status; or choose another MUSTER_HOME',
    });
  }
  const journal = [...(await entriesIn(at('older'))), ...(await entriesIn(at('newest')))];
  let dir: string | undefined;
  if (journal.length > 0) {
    dir = freeDirectory(runs, about.startedAtMs);
    mkdirSync(dir, { recursive: true });
    const recording = recordingOf(about, journal);
    await writeRun(dir, recording, buildReport(recording), []);
    await dropOldest(runs);
  }
  for (const name of ['newest', 'older', 'about'] as const) await rm(at(name), { force: true });
  return dir;
}

async function readAbout(path: string): Promise<JournalAbout | undefined> {
  try {
    return JournalAboutSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** A line that is torn, since its writer was killed, is left out. */
async function entriesIn(path: string): Promise<readonly JournalEntry[]> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const parsed = JournalEntrySchema.safeParse(jsonOf(line));
    return parsed.success ? [parsed.data] : [];
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function freeDirectory(runs: string, startedAtMs: number): string {
  const when = new Date(startedAtMs)
    .toISOString()
    .replaceAll(/[-:]|\..*$/g, '')
    .replace('T', '-');
  for (let turn = 1; ; turn++) {
    const dir = join(runs, turn === 1 ? `up-${when}` : `up-${when}-${turn}`);
    if (!existsSync(dir)) return dir;
  }
}

/** Nobody has attacked it, and nobody has measured it from outside. */
function recordingOf({ scenario, plane, seed }: JournalAbout, journal: readonly JournalEntry[]): Recording {
  const durationMs = Math.max(1, ...[journal[0], journal.at(-1)].map((each) => Math.ceil(each?.tMs ?? 0)));
  const counts = new Map<string, { sent: number; received: number }>();
  for (const entry of journal) {
    if (entry.agent === 'muster') continue;
    const count = counts.get(entry.agent) ?? { sent: 0, received: 0 };
    counts.set(entry.agent, count);
    if (entry.kind !== 'message') continue;
    if (entry.direction === 'sent') count.sent++;
    else if (entry.direction === 'received') count.received++;
  }
  return {
    scenario: { ...scenario, attacks: [], expect: {} },
    plane,
    seed,
    defence: 'on',
    durationMs,
    traceHash: null,
    journal,
    requests: [],
    truth: { attackers: [], users: [] },
    truthSamples: [],
    rulesLeft: [],
    addresses: {},
    firstAttackPacketMs: null,
    messageCounts: [...counts].map(([agent, count]) => ({ agent, ...count, roles: [] })),
    pulses: [],
  };
}

async function dropOldest(runs: string): Promise<void> {
  const shelved = (await readdir(runs)).filter((name) => SHELVED.test(name)).sort();
  for (const name of shelved.slice(0, -MOST_SHELVED))
    await rm(join(runs, name), { recursive: true, force: true });
}
