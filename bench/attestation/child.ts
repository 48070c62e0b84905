import { spawn } from 'node:child_process';
import { parentDeathSignal } from '../../src/runtime/child-process.ts';
import type { Findings } from './figure.ts';
import { FindingsSchema } from './figure.ts';

const entry = new URL('./run-part.ts', import.meta.url).pathname;

/** Runs a part in a fresh process, which ends when it takes too long, with all that it has started. */
export function runPart(name: string, withinMs: number): Promise<Findings> {
  const [command = '', ...args] = parentDeathSignal([process.execPath, '--import', 'tsx', entry, name]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), withinMs);
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(FindingsSchema.parse(JSON.parse(said.trim().split('\n').at(-1) ?? '')));
      else reject(new Error(`ended with ${code ?? signal} (at most ${withinMs / 1000} s)`));
    });
  });
}
