import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { getPriority, setPriority } from 'node:os';

/** How much more urgent agents and their tools are than the people on the network. */
const AHEAD = 10;
let before: number | undefined;

/**
 * Users, server and attackers are other people's machines: on this one they must not keep agents from the processor, nor attackers
 * users. This process and the tools that it calls go first, then users and server; attackers stay as they were. Without the right to
 * it nothing changes.
 */
export function goFirst(): void {
  if (before !== undefined) return;
  const priority = getPriority();
  try {
    setPriority(Math.max(-20, priority - AHEAD));
    before = priority;
  } catch {
    // Not allowed here: everybody is equal.
  }
}

/** As it was before `goFirst`. */
export function goAsBefore(): void {
  if (before !== undefined) setPriority(before);
  before = undefined;
}

/** Starts a program in a namespace; it is killed with this process, however this process ends. */
export function startIn(
  namespace: string,
  command: readonly string[],
  who: 'users' | 'attackers' = 'users',
): ChildProcess {
  const last = (before ?? 0) - getPriority();
  const behind = before === undefined ? [] : ['nice', '-n', String(who === 'users' ? last >> 1 : last)];
  const guarded = ['setpriv', '--pdeathsig', 'KILL', '--', ...behind, ...command];
  return spawn('ip', ['netns', 'exec', namespace, ...guarded], {
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
