import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const OURS = /^muster-(\d+)-\w{6}$/;

/** A directory for the sockets and the ledger of this process; those that killed processes have left are removed first. */
export function runtimeDir(): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = OURS.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const path = join(tmpdir(), name);
    // Somebody else's of that form is not ours to remove.
    if (statSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
  }
  return mkdtempSync(join(tmpdir(), `muster-${process.pid}-`));
}
