import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { MusterError } from '../protocol/errors.ts';
import type { Run } from '../runtime/open-run.ts';
import { openRun } from '../runtime/open-run.ts';

const LATEST = 'runs/latest';

/** Notes which run was the last one, so that the next command need not name it. */
export function noteLatest(dir: string): void {
  mkdirSync(dirname(LATEST), { recursive: true });
  writeFileSync(LATEST, `${resolve(dir)}\n`);
}

/** The run that `--run` names, or the last one. */
export function openNamedRun(dir: string | undefined): Promise<Run> {
  return openRun(dir ?? latest());
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
