import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, closeSync, openSync, readFileSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onEnd } from './clean-up.ts';
import { ownDirectory } from './product-copy.ts';

let program: string | undefined;

/** Path of the C program that traces others; built once, for everybody to run. Undefined: there is no compiler. */
export function tamperProgram(): string | undefined {
  if (program !== undefined) return program;
  const dir = ownDirectory('programs');
  chmodSync(dir, 0o755);
  const path = join(dir, 'tamper');
  const source = fileURLToPath(new URL('../programs/tamper.c', import.meta.url));
  try {
    execFileSync('gcc', ['-O1', '-o', path, source], { stdio: 'pipe' });
  } catch {
    return undefined;
  }
  program = path;
  onEnd(() => {
    program = undefined;
  });
  return path;
}

/** Runs it to its end; `uid`: as that user. Answers what it said, or why it failed. */
export function tamper(
  how: 'peek' | 'memfd',
  pid: number,
  uid?: number,
): { readonly ok: boolean; readonly said: string } {
  const path = tamperProgram();
  if (path === undefined) return { ok: false, said: 'there is no C compiler here' };
  const as =
    uid === undefined ? [] : ['setpriv', '--reuid', `${uid}`, '--regid', `${uid}`, '--clear-groups', '--'];
  const [command = '', ...args] = [...as, path, how, String(pid)];
  try {
    return { ok: true, said: execFileSync(command, args, { stdio: 'pipe', encoding: 'utf8' }).trim() };
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    return { ok: false, said: stderr };
  }
}

/** Traces a process until `stop`. */
export async function holdTraced(pid: number): Promise<{ stop(): void }> {
  const path = tamperProgram();
  if (path === undefined) throw new Error('there is no C compiler here');
  const child: ChildProcess = spawn(path, ['hold', String(pid)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const stop = (): void => void child.kill('SIGKILL');
  onEnd(stop);
  if (child.stdout !== null) await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return { stop };
}

export interface Mapping {
  readonly start: number;
  readonly end: number;
  readonly rights: string;
  readonly name: string;
}

export function mappingsOf(pid: number): readonly Mapping[] {
  const lines = readFileSync(`/proc/${pid}/maps`, 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [range = '', rights = '', , , , ...name] = line.split(/\s+/);
    const [start = '', end = ''] = range.split('-');
    return { start: Number.parseInt(start, 16), end: Number.parseInt(end, 16), rights, name: name.join(' ') };
  });
}

export function mappingOf(pid: number, which: (mapping: Mapping) => boolean): Mapping {
  const found = mappingsOf(pid).find(which);
  if (found === undefined) throw new Error(`process ${pid} has no such mapping`);
  return found;
}

export function readByte(pid: number, address: number): number {
  const byte = Buffer.alloc(1);
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  try {
    readSync(memory, byte, 0, 1, address);
  } finally {
    closeSync(memory);
  }
  return byte[0] ?? 0;
}

/** Changes one byte of a live process, whatever its page's rights say. */
export function writeByte(pid: number, address: number, value: number): void {
  const memory = openSync(`/proc/${pid}/mem`, 'r+');
  try {
    writeSync(memory, Buffer.from([value]), 0, 1, address);
  } finally {
    closeSync(memory);
  }
}
