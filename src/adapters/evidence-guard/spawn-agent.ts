import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, closeSync, constants, openSync, readFileSync, realpathSync } from 'node:fs';
import { Socket } from 'node:net';
import { setPriority } from 'node:os';
import { delimiter, join } from 'node:path';
import type { AgentEnd, AgentHandle, AgentSpec } from '../../ports/evidence-source.ts';
import type { ControlLine } from '../../protocol/control-line.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { ControlChannel } from './control-channel.ts';
import { openControlChannel } from './control-channel.ts';
import { openDescriptors } from './descriptors.ts';
import { inheritableDescriptors } from './inherited.ts';
import { keepTail } from './log-tail.ts';
import type { ProcessRules } from './measure-process.ts';
import { startTimeOf } from './process-status.ts';

/** Descriptor of the control channel in the agent. */
const CONTROL = 3;
const FIRST_LINE_WITHIN_MS = 20_000;

export interface SpawnedAgent extends AgentHandle {
  /** What it has to be found to be from now on. */
  readonly rules: ProcessRules;
  /** SIGKILL, at once. */
  kill(reason: string): void;
}

/** Options that every Node agent runs with: no files, children, workers or addons, its one module from standard input. */
const NODE_FLAGS = ['--no-addons', '--no-warnings', '--input-type=module'];

/** Node 24 has the permission model under its final name, and refuses the older one. */
function permissionFlag(major: number): string {
  return major < 24 ? '--experimental-permission' : '--permission';
}

/** Arguments as the process will have them. */
export function argvOf({ program, arguments: rest }: AgentSpec): readonly string[] {
  return program.kind === 'node'
    ? [program.executable, permissionFlag(program.major), ...NODE_FLAGS, ...program.flags, '-', ...rest]
    : [program.executable, ...rest];
}

/**
 * Starts an agent with exactly the arguments, environment and bundle of its spec, under its own user where there is one, unable
 * to gain privileges, and killed with this process. Resolves with its first line said; `onLine` gets that one and all that
 * follow. Throws MusterError when it ends, says nothing for 20 s, or cannot be started.
 */
export async function spawnAgent(
  spec: AgentSpec,
  vdsoSha256: string,
  onLine: (line: ControlLine) => void,
): Promise<SpawnedAgent> {
  const argv = argvOf(spec);
  const { program, user } = spec;
  const bundle = program.kind === 'node' ? program.bundle : readFileSync(program.executable);
  // The kernel forgets the death signal when the user changes; setpriv sets it after.
  const asUser =
    user === undefined ? [] : ['--reuid', `${user.uid}`, '--regid', `${user.gid}`, '--clear-groups'];
  const nothing = openSync('/dev/null', 'r+');
  const sockets = spec.given ?? [];
  const last = CONTROL + sockets.length;
  const stdio: (number | 'pipe' | 'ignore' | Socket)[] = ['pipe', 'pipe', 'pipe', 'pipe', ...sockets];
  // What this process got from its own parent and would pass on unawares.
  for (const number of inheritableDescriptors(last)) stdio[number] = nothing;
  const child = spawn(
    findProgram('setpriv'),
    [...asUser, '--no-new-privs', '--pdeathsig', 'KILL', '--', ...argv],
    { env: spec.environment, cwd: '/', stdio: Array.from(stdio, (each) => each ?? 'ignore') },
  );
  closeSync(nothing);
  let reason: string | undefined;
  let channel: ControlChannel | undefined;
  const ended = new Promise<AgentEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      channel?.close();
      resolve({ code, signal, reason });
    });
  });
  const kill = (why: string) => {
    reason ??= why;
    child.kill('SIGKILL');
  };
  return new Promise((resolve, reject) => {
    const fail = (why: string, hint: string) => {
      kill(why);
      reject(new MusterError('NOT_SUPPORTED', `agent ${spec.name}: ${why}`, { hint }));
    };
    child.once('error', (error) => fail(error.message, 'muster doctor'));
    const { pid, stdin, stdout, stderr } = child;
    const control = child.stdio[CONTROL];
    if (pid === undefined || stdin === null || stdout === null || stderr === null) return;
    if (spec.priority !== undefined) setPriorityOf(pid, spec.priority);
    if (!(control instanceof Socket)) return;
    const [outTail, errTail] = [keepTail(stdout), keepTail(stderr)];
    const given = new Set(openDescriptors(pid).flatMap((each) => (each.number <= last ? [each.target] : [])));
    const startTime = startTimeOf(pid);
    stdin.on('error', () => {});
    stdin.end(program.kind === 'node' ? bundle : undefined);
    const timer = setTimeout(() => fail('said nothing for 20 s', 'its log'), FIRST_LINE_WITHIN_MS);
    void ended.then(({ code, signal }) => {
      clearTimeout(timer);
      fail(`ended with ${signal ?? code}: ${errTail().trim().slice(-500)}`, 'the message above');
    });
    let first = true;
    const open = openControlChannel(control, {
      line: (line) => {
        if (first) {
          first = false;
          clearTimeout(timer);
          resolve(agent);
        }
        onLine(line);
      },
      broken: (why) => kill(why),
    });
    channel = open;
    const agent: SpawnedAgent = {
      pid,
      startTime,
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      argv,
      bundleSha256: createHash('sha256').update(bundle).digest('hex'),
      send: open.send,
      ended,
      logs: () => ({ stdout: outTail(), stderr: errTail() }),
      kill,
      rules: {
        ...spec.limits,
        given,
        files: [],
        startTime,
        executable: realpathSync(program.executable),
        argv,
        environment: spec.environment,
        uid: user?.uid ?? process.getuid?.() ?? 0,
        noNewPrivileges: true,
        vdsoSha256,
      },
    };
  });
}

/** Absolute path of a program of the guard's own PATH: the agent's environment has none. */
function findProgram(name: string): string {
  for (const directory of (process.env['PATH'] ?? '/usr/bin:/bin').split(delimiter)) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not there
    }
  }
  throw new MusterError('NOT_SUPPORTED', `${name} is needed to start agents`, { hint: 'install util-linux' });
}

/** Before it has threads: these have the priority of the one that began them. */
function setPriorityOf(pid: number, priority: number): void {
  try {
    setPriority(pid, priority);
  } catch {
    // Not allowed here, or it has ended already: it is as urgent as this process.
  }
}
