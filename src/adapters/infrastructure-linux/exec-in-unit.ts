import { spawn } from 'node:child_process';
import type { ExecResult } from '../../ports/infrastructure.ts';
import type { UnitEntry } from '../../protocol/unit-doors.ts';
import type { UnitCgroup } from './cgroups.ts';
import { unitEnvironment } from './launch-unit.ts';

/** Of each of the two outputs. */
const MAX_OUTPUT_BYTES = 65_536;

/** Joins the unit's control groups, so that what is done by hand is within its limits, and goes in. */
const STEP_IN = `
set -eu
init=$1; dir=$2; shift 2
while [ "$1" != -- ]; do echo $$ >"$1"; shift; done
shift
exec nsenter --target "$init" --user --mount --uts --ipc --net --pid --setuid 0 --setgid 0 --wdns="$dir" -- "$@"
`;

/** Arguments for /bin/sh with which it becomes a command inside a unit, as root in there. */
export const enterArguments = (
  {
    pid,
    directory,
    groups,
  }: Readonly<Pick<UnitEntry, 'pid' | 'directory'>> & { readonly groups: readonly string[] },
  command: readonly string[],
): readonly string[] => ['-c', STEP_IN, 'muster-exec', String(pid), directory, ...groups, '--', ...command];

/**
 * Runs a command in the namespaces of a unit, as root in there. Ended after `timeoutMs`, with exit code 124; what it left behind in the
 * background ends with it.
 */
export function execInUnit(
  init: number,
  dir: string,
  cgroup: UnitCgroup,
  command: readonly string[],
  timeoutMs: number,
): Promise<ExecResult> {
  const args = enterArguments({ pid: init, directory: dir, groups: cgroup.joins }, command);
  return new Promise((resolve, reject) => {
    const child = spawn('/bin/sh', args, {
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: unitEnvironment(dir),
    });
    const [stdout, stderr] = [keep(child.stdout), keep(child.stderr)];
    let late = false;
    const end = () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // All of it has ended by itself.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      end();
    }, timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    // `exit`, not `close`: something in the background may hold the output open.
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      setImmediate(() => {
        end();
        child.stdout.destroy();
        child.stderr.destroy();
        const exitCode = late ? 124 : (code ?? (signal === null ? 1 : 137));
        resolve({ exitCode, stdout: stdout(), stderr: stderr() });
      });
    });
  });
}

function keep(stream: NodeJS.ReadableStream): () => string {
  const parts: Buffer[] = [];
  let size = 0;
  stream.on('data', (part: Buffer) => {
    if (size < MAX_OUTPUT_BYTES) parts.push(part.subarray(0, MAX_OUTPUT_BYTES - size));
    size += part.length;
  });
  return () => Buffer.concat(parts).toString('utf8');
}
