import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MusterError } from '../protocol/errors.ts';
import type { Run } from '../runtime/open-run.ts';
import { openRun } from '../runtime/open-run.ts';

const LATEST = 'runs/latest';

/** Notes which run was the last one, so that the next command need not name it. */
export function noteLatest(dir: string): void {
  mkdirSync(dirname(LATEST), { recursive: true });
  writeFileSync(LATEST, `${resolve(dir)}\n`);
}

/** Refuses to write into a directory that holds something else than a run. */
export function checkOutDir(dir: string): void {
  if (!existsSync(dir)) return;
  let files: readonly string[];
  try {
    files = readdirSync(dir);
  } catch {
    throw new MusterError('USAGE', `${dir} is not a directory`, { hint: 'name another one with --out' });
  }
  if (files.length === 0 || existsSync(join(dir, 'report.json'))) return;
  throw new MusterError('USAGE', `${dir} is not empty and holds no run: it is left alone`, {
    hint: 'name another directory with --out',
  });
}

/** The run that `--run` names, or the last one. */
export async function openNamedRun(
  dir: string | undefined,
  options: { readonly unchecked?: boolean } = {},
): Promise<Run> {
  if (dir === '') {
    throw new MusterError('USAGE', 'the name of the run is empty', {
      hint: 'name its directory, or leave --run out for the last one',
    });
  }
  return openRun(dir ?? latest(), options);
}

function latest(): string {
  try {
    return readFileSync(LATEST, 'utf8').trim();
  } catch (cause) {
    throw new MusterError('NOT_FOUND', 'no run has been recorded here yet', {
      hint: 'bin/muster scenario run scenarios/demo.yaml, or name one with --run DIR',
      cause,
    });
  }
}
