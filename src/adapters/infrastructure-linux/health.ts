import { lstatSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { ExecResult } from '../../ports/infrastructure.ts';
import type { HealthCheck } from './resolve-image.ts';

/** Undefined: healthy; else why not, in words. */
export type Complaint = string | undefined;

/** What is asked of a unit. */
export interface Patient {
  readonly dir: string;
  readonly user: number;
  /** Address that tcp and http checks go to. */
  readonly address: string | undefined;
  /** Runs a command inside. */
  readonly exec: (command: readonly string[], timeoutMs: number) => Promise<ExecResult>;
}

const TIMEOUT_MS = 1000;
const MAX_ANSWER = 4096;

/** Asks once. A process that is there is all that `process` asks for, so that is not asked here. */
export async function checkHealth(check: HealthCheck, patient: Patient): Promise<Complaint> {
  switch (check.kind) {
    case 'process':
      return undefined;
    case 'control':
      return askControl(patient);
    case 'tcp':
    case 'http': {
      const target = `/dev/tcp/${patient.address ?? '127.0.0.1'}/${check.port}`;
      const request =
        check.kind === 'tcp'
          ? ''
          : ' && printf "GET %s HTTP/1.0\\r\\nHost: %s\\r\\n\\r\\n" "$1" "$2" >&3 && read -r _ code _ <&3 && echo "$code"';
      const path = check.kind === 'http' ? check.path : '';
      const script = `exec 3<>${target}${request}`;
      const { exitCode, stdout } = await patient.exec(
        ['bash', '-c', script, 'health', path, patient.address ?? 'localhost'],
        TIMEOUT_MS,
      );
      if (exitCode !== 0) return `nothing answers at port ${check.port}`;
      if (check.kind === 'tcp') return undefined;
      const code = Number(stdout.trim());
      return code >= 200 && code < 400 ? undefined : `GET ${path} answered ${stdout.trim().slice(0, 20)}`;
    }
    default:
      return check satisfies never;
  }
}

/** Programs of the catalogue answer at a socket in their directory: `ok`, or what is wrong. */
function askControl({ dir, user }: Patient): Promise<Complaint> {
  const path = join(dir, 'control.sock');
  try {
    const stat = lstatSync(path);
    if (!stat.isSocket() || stat.uid !== user) return Promise.resolve('control.sock is not its own socket');
  } catch {
    return Promise.resolve('it is not ready yet');
  }
  return new Promise((resolve) => {
    const socket = connect(path);
    let answer = '';
    const done = (complaint: Complaint) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(complaint);
    };
    const timer = setTimeout(() => done('it does not answer'), TIMEOUT_MS);
    socket.setEncoding('utf8');
    socket.on('error', () => done('it does not answer'));
    socket.on('data', (text: string) => {
      answer += text;
      if (answer.length > MAX_ANSWER) done('its answer is too long');
    });
    socket.on('end', () =>
      done(answer.trim() === 'ok' ? undefined : answer.trim().slice(0, 300) || 'no answer'),
    );
    socket.end('{"call":"health"}\n');
  });
}
