import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { WhatIfResult } from '../../protocol/what-if.ts';
import { parentDeathSignal } from '../child-process.ts';
import type { ForkOrder } from './fork.ts';
import { WhatIfWordSchema } from './what-if-word.ts';

/** By the wall, however far ahead it is to be run. */
const LONGEST_MS = 300_000;
const MOST_MEMORY_MIB = 1024;
/** What is up goes first. */
const NICENESS = 15;

export type WhatIfEnd =
  | { readonly kind: 'done'; readonly result: WhatIfResult }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'stopped' };

export interface WhatIfProcessOptions {
  readonly order: ForkOrder;
  onProgress(part: number): void;
}

/** A what-if that runs in a process of its own: bounded in time and memory, and ended with this one. */
export class WhatIfProcess {
  readonly ended: Promise<WhatIfEnd>;
  readonly #child: ChildProcess;
  #stopped = false;

  constructor({ order, onProgress }: WhatIfProcessOptions) {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url));
    const memory = `--max-old-space-size=${MOST_MEMORY_MIB}`;
    const whole = [process.execPath, memory, '--import', import.meta.resolve('tsx'), main];
    const [program = process.execPath, ...rest] = parentDeathSignal(whole);
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#child = child;
    let end: WhatIfEnd = { kind: 'failed', reason: 'it ended without a word, as where memory is too little' };
    createInterface({ input: child.stdout }).on('line', (line) => {
      const word = WhatIfWordSchema.safeParse(jsonOf(line)).data;
      if (word?.kind === 'progress') onProgress(word.part);
      else if (word?.kind === 'result') end = { kind: 'done', result: word.result };
      else if (word?.kind === 'failed') end = { kind: 'failed', reason: word.reason };
    });
    const tooLong = setTimeout(() => {
      end = {
        kind: 'failed',
        reason: `it took longer than ${LONGEST_MS / 60_000} minutes: ask for less time ahead`,
      };
      child.kill('SIGKILL');
    }, LONGEST_MS);
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve({ kind: 'failed', reason: error.message }));
      // After all that it said has been read.
      child.once('close', () => {
        clearTimeout(tooLong);
        resolve(this.#stopped ? { kind: 'stopped' } : end);
      });
    });
    if (child.pid !== undefined) lower(child.pid);
    // One that ends at once reads nothing: that is told by its end.
    child.stdin.on('error', () => {});
    child.stdin.end(JSON.stringify(order));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}

function lower(pid: number): void {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It has ended already, or nobody may.
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
