import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { onEnd } from './clean-up.ts';
import { ownDirectory } from './product-copy.ts';
import { eventually } from './wait.ts';

export function hasSoftwareTpm(): boolean {
  return ['swtpm', 'tpm2_quote'].every((tool) => spawnSync(tool, ['--version']).status === 0);
}

/** A TPM in software at a socket, with a seed of its own. */
export interface SoftwareTpm {
  /** Ends it and puts another in its place, as somebody does who swaps the chip. */
  replace(): Promise<void>;
}

/** Ends with the red team. Throws when it does not come up. */
export async function softwareTpmAt(socket: string): Promise<SoftwareTpm> {
  let child = await start(socket);
  onEnd(() => end(child));
  return {
    replace: async () => {
      await end(child);
      child = await start(socket);
    },
  };
}

async function start(socket: string): Promise<ChildProcess> {
  const state = ownDirectory('tpm');
  for (const path of [socket, `${socket}.ctrl`]) rmSync(path, { force: true });
  const child = spawn(
    'swtpm',
    [
      ...['socket', '--tpm2', '--tpmstate', `dir=${state}`, '--flags', 'not-need-init,startup-clear'],
      ...['--server', `type=unixio,path=${socket}`, '--ctrl', `type=unixio,path=${socket}.ctrl`],
    ],
    { stdio: 'ignore' },
  );
  const up = await eventually(
    () => (existsSync(socket) && existsSync(`${socket}.ctrl`) ? true : undefined),
    5000,
    10,
  );
  if (up === true) return child;
  await end(child);
  throw new Error(`no TPM at ${socket}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}
