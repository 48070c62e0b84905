import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const UP_WITHIN_MS = 5000;

/** Whether TPMs in software can be had here; tests that need them are skipped where not, and say so in their name. */
export const hasSoftwareTpm = ['swtpm', 'tpm2_quote'].every(
  (tool) => spawnSync(tool, ['--version']).status === 0,
);

/** A TPM in software, with a seed and so a key of its own. */
export interface SoftwareTpm {
  readonly tcti: string;
  stop(): Promise<void>;
}

/** Resolves once it listens. Ends, at the latest, with this process. */
export async function startSoftwareTpm(): Promise<SoftwareTpm> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-swtpm-'));
  const [server, control] = [join(folder, 'tpm.sock'), join(folder, 'tpm.sock.ctrl')];
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', '--', 'swtpm', 'socket', '--tpm2', '--tpmstate', `dir=${folder}`],
      ...['--flags', 'not-need-init,startup-clear'],
      ...['--server', `type=unixio,path=${server}`, '--ctrl', `type=unixio,path=${control}`],
    ],
    { stdio: 'ignore' },
  );
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await appear(folder, [server, control]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { tcti: `swtpm:path=${server}`, stop };
}

function appear(folder: string, files: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const watcher = watch(folder);
    const end = (finish: () => void): void => {
      clearTimeout(timer);
      watcher.close();
      finish();
    };
    const look = (): void => {
      if (files.every((file) => existsSync(file))) end(resolve);
    };
    const timer = setTimeout(() => end(() => reject(new Error('swtpm does not come up'))), UP_WITHIN_MS);
    watcher.on('change', look);
    look();
  });
}
