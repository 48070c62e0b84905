import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where the kernel is asked to end a child with its parent; without it a child ends when its channel closes. */
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/** The same command, such that the kernel kills it with this process. */
export function parentDeathSignal(command: readonly string[]): readonly string[] {
  return SETPRIV === undefined ? command : [SETPRIV, '--pdeathsig', 'KILL', '--', ...command];
}

/**
 * Starts one of our own programs with a message channel; it dies with this process, also when that is killed. `networkOf`: file of the
 * network namespace that it lives in, else in ours.
 */
export function spawnChild(program: string, args: readonly string[], networkOf?: string): ChildProcess {
  const node = parentDeathSignal([process.execPath, '--no-warnings', program, ...args]);
  // Only the network is another: paths, and with them Unix sockets, are the same there.
  const there = networkOf === undefined ? node : ['nsenter', `--net=${networkOf}`, '--', ...node];
  const [command = process.execPath, ...rest] = there;
  return spawn(command, rest, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** Ends a child: first asked, then killed. */
export async function endChild(child: ChildProcess, withinMs = 3000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await ended;
  clearTimeout(kill);
}

/** For what is sent to a process that ends meanwhile: its end is told by itself. */
export const gone = (): void => {};
