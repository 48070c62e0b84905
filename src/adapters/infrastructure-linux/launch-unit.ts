import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { UnitCgroup } from './cgroups.ts';
import { firstOfNamespace, identify } from './process-identity.ts';
import { ENTER, INIT } from './unit-init.ts';
import type { ProcessRecord } from './unit-record.ts';

/** A unit whose first process waits for its network. */
export interface LaunchedUnit {
  readonly process: ProcessRecord;
  /** Lets it go on; from here on it outlives this process. */
  go(): void;
  abandon(): void;
}

const READY_MS = 5000;

/**
 * Starts the first process of a unit in namespaces and control groups of its own, in `dir`; resolves when it waits for its network, throws
 * with what it said when that cannot be. Without `go` it ends when this process does.
 */
export function launchUnit(
  dir: string,
  user: number,
  cgroup: UnitCgroup,
  capabilities: readonly string[],
  command: readonly string[],
): Promise<LaunchedUnit> {
  const allowed = ['-all', ...capabilities.map((each) => `+${each}`)].join(',');
  const init = ['sh', '-c', INIT, 'muster-unit', allowed, ...command];
  const args = ['-c', ENTER, 'muster-enter', String(user), ...cgroup.joins, '--', ...init];
  const child = spawn('/bin/sh', args, {
    cwd: dir,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: unitEnvironment(dir),
  });
  return new Promise((resolve, reject) => {
    let said = '';
    const abandon = () => {
      child.kill('SIGKILL');
      letGo(child);
    };
    const fail = (why: string) => {
      clearTimeout(timer);
      abandon();
      reject(new Error(`${why}${said === '' ? '' : `: ${said.trim()}`}`));
    };
    const timer = setTimeout(() => fail('its namespaces were not there in time'), READY_MS);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 2000) said += text;
    });
    child.stdin.on('error', () => {});
    child.on('error', (error) => fail(error.message));
    child.once('close', (code) => fail(`its namespaces could not be made (${code})`));
    child.stdout.once('data', () => {
      clearTimeout(timer);
      child.removeAllListeners('close');
      const outermost = child.pid === undefined ? undefined : identify(child.pid);
      if (outermost === undefined) {
        fail('it ended at once');
        return;
      }
      const go = () => {
        child.stdin.end('go\n');
        letGo(child);
      };
      resolve({ process: outermost, go, abandon });
    });
  });
}

/** Programs of a unit see no variable of their owner's. */
export function unitEnvironment(dir: string): Record<string, string> {
  return {
    PATH: `${dir}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: dir,
    LANG: 'C.UTF-8',
  };
}

/** The process that is number 1 inside. */
export const initOf = (cgroup: UnitCgroup): number | undefined => firstOfNamespace(cgroup.processes());

/** It keeps this process neither open nor busy; Node goes on to reap it. */
function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
}
