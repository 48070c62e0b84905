import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MusterError } from '../protocol/errors.ts';
import { cannotWrite } from '../runtime/cannot-write.ts';
import { makeDirectories } from '../runtime/make-directories.ts';
import type { Run } from '../runtime/open-run.ts';
import { note } from './printer.ts';

const LATEST = 'runs/latest';

/** Notes which run was the last one, so that the next command need not name it; says so where that cannot be written. */
export function noteLatest(dir: string): void {
  try {
    makeDirectories(dirname(LATEST));
    writeFileSync(LATEST, `${resolve(dir)}\n`);
  } catch (error) {
    const { message } = error instanceof MusterError ? error : cannotWrite(LATEST, error);
    note(`${message}; name this run with --run ${dir}`);
  }
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
  // Loaded when it is needed: it knows all that agents reason with, to replay it.
  const { openRun } = await import('../runtime/open-run.ts');
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
