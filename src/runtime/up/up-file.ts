import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { startOfProcess } from '../../adapters/machine-linux/start-of-process.ts';
import { MusterError } from '../../protocol/errors.ts';
import { makeDirectories } from '../make-directories.ts';

/** Where `muster up` leaves how to reach what it has started: readable by its user alone. */
export const UpFileSchema = z.strictObject({
  pid: z.number().int().positive(),
  /** Start of that process, clock ticks since boot: another process may get its number one day. */
  startTime: z.number(),
  api: z.string(),
  token: z.string(),
  scenario: z.string(),
  plane: z.enum(['twin', 'linux']),
});
export type UpFile = z.infer<typeof UpFileSchema>;

/** `MUSTER_HOME`, or `.muster` in the current directory. */
export function musterHome(): string {
  return process.env['MUSTER_HOME'] ?? '.muster';
}

/** Makes it where there is none; for its user alone. @throws CANNOT_WRITE */
export function makeMusterHome(): string {
  const home = musterHome();
  try {
    makeDirectories(home, 0o700);
  } catch (error) {
    if (!(error instanceof MusterError)) throw error;
    throw new MusterError(error.code, error.message, {
      hint: 'set MUSTER_HOME to a directory that you may write',
      cause: error,
    });
  }
  return home;
}

const pathOf = (): string => join(musterHome(), 'up.json');

export function writeUpFile(file: UpFile): void {
  makeMusterHome();
  const part = `${pathOf()}.part`;
  writeFileSync(part, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  chmodSync(part, 0o600);
  renameSync(part, pathOf());
}

/** Removes it again; that of another process, which was started at the same time, stays. */
export function removeUpFile(): void {
  if (readUpFile()?.pid === process.pid) rmSync(pathOf(), { force: true });
}

/** What runs here; undefined: nothing, or what ran has ended without saying so. */
export function readUpFile(): UpFile | undefined {
  let text: string;
  try {
    text = readFileSync(pathOf(), 'utf8');
  } catch {
    return undefined;
  }
  let parsed: UpFile;
  try {
    parsed = UpFileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new MusterError('BAD_FILE', `${pathOf()} is damaged`, { hint: `rm ${pathOf()}`, cause });
  }
  return startTimeOf(parsed.pid) === parsed.startTime ? parsed : undefined;
}

/** Clock ticks since boot at which a process started; undefined: there is none. */
export function startTimeOf(pid: number): number | undefined {
  const start = startOfProcess(pid);
  return start === undefined ? undefined : Number(start);
}
