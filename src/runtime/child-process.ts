import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where the kernel is asked to end a child with its parent; without it a child ends when its channel closes. */
const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/** Starts one of our own programs with a message channel; it dies with this process, also when that is killed. */
export function spawnChild(program: string, args: readonly string[]): ChildProcess {
  const node = [process.execPath, '--no-warnings', program, ...args];
  const [command = process.execPath, ...rest] =
    SETPRIV === undefined ? node : [SETPRIV, '--pdeathsig', 'KILL', '--', ...node];
  return spawn(command, rest, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}
