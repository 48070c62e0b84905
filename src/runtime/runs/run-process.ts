import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { RunOrder, TrafficSample } from '../../protocol/run-view.ts';
import { TrafficSampleSchema } from '../../protocol/run-view.ts';

/** A run that says more than this is broken off; its own record has everything. */
const MOST_ENTRIES = 1_000_000;
const MOST_SAMPLES = 200_000;
const LONGEST_NOTE = 500;

/** As `scenario run --progress jsonl` writes it. */
const ProgressSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('phase'), text: z.string() }),
  TrafficSampleSchema.extend({ kind: z.literal('tick'), durationMs: z.number() }),
]);
const ENTRY = '{"kind":"entry","entry":';

export interface RunProcessOptions {
  readonly order: RunOrder;
  /** Where it records. */
  readonly dir: string;
  /** The command line of Muster. */
  readonly command: readonly [string, ...string[]];
}

/** A scenario that runs in a process of its own: what it has told so far. */
export class RunProcess {
  readonly #child: ChildProcess;
  readonly #entries: string[] = [];
  readonly #samples: TrafficSample[] = [];
  readonly #listeners = new Set<(seq: number, text: string) => void>();
  readonly #ended: Promise<void>;
  #state: 'running' | 'done' | 'failed' | 'stopped' = 'running';
  #note = 'it is being started';
  #stopping = false;

  constructor({ order, dir, command: [program, ...args] }: RunProcessOptions) {
    const { scenario, plane, seed, defence, genuine } = order;
    const run = ['scenario', 'run', scenario, '--plane', plane, '--seed', String(seed), '--defence', defence];
    const more = genuine ? ['--genuine'] : [];
    this.#child = spawn(program, [...args, ...run, ...more, '--out', dir, '--progress', 'jsonl'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const { stderr } = this.#child;
    if (stderr !== null) createInterface({ input: stderr }).on('line', (line) => this.#hear(line));
    this.#ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#state = 'failed';
        this.#note = error.message;
        resolve();
      });
      // After its output has been read to the end.
      this.#child.once('close', (code) => {
        this.#end(code);
        resolve();
      });
    });
  }

  get state(): 'running' | 'done' | 'failed' | 'stopped' {
    return this.#state;
  }

  get note(): string {
    return this.#note;
  }

  get samples(): readonly TrafficSample[] {
    return this.#samples;
  }

  /** Texts of journal entries, in the order in which they came. */
  get entries(): readonly string[] {
    return this.#entries;
  }

  listen(listener: (seq: number, text: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Has it clean up, and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#state === 'running') {
      this.#stopping = true;
      this.#child.kill('SIGTERM');
    }
    await this.#ended;
  }

  ended(): Promise<void> {
    return this.#ended;
  }

  #hear(line: string): void {
    if (line.startsWith(ENTRY)) {
      if (this.#entries.length >= MOST_ENTRIES) return;
      const text = line.slice(ENTRY.length, -1);
      this.#entries.push(text);
      for (const listener of this.#listeners) listener(this.#entries.length, text);
      return;
    }
    const progress = ProgressSchema.safeParse(jsonOf(line));
    if (!progress.success) {
      if (!line.startsWith('npm ')) this.#note = line.slice(0, LONGEST_NOTE);
      return;
    }
    if (progress.data.kind === 'phase') this.#note = progress.data.text.slice(0, LONGEST_NOTE);
    else if (this.#samples.length < MOST_SAMPLES) {
      const { kind: _, durationMs: __, ...sample } = progress.data;
      this.#samples.push(sample);
    }
  }

  /** 2: it has ended, and did not meet all that its scenario expects. */
  #end(code: number | null): void {
    if (this.#state !== 'running') return;
    if (code === 0 || code === 2) this.#state = 'done';
    else this.#state = this.#stopping ? 'stopped' : 'failed';
    if (this.#state === 'done') this.#note = 'it has ended';
    if (this.#state === 'stopped') this.#note = 'it was stopped, and nothing was recorded';
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
