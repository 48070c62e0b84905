import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';

/** Starts a program in a namespace; it is killed with this process, however this process ends. */
export function startIn(namespace: string, command: readonly string[]): ChildProcess {
  return spawn('ip', ['netns', 'exec', namespace, 'setpriv', '--pdeathsig', 'KILL', '--', ...command], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

/** How this Node runs one of our TypeScript programs. */
export function ownProgram(url: URL): string[] {
  return [process.execPath, '--import', import.meta.resolve('tsx'), url.pathname];
}

export function stopChild(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
