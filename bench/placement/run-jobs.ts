import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parentDeathSignal } from '../../src/runtime/child-process.ts';
import type { Job, Outcome } from './job.ts';
import { OutcomeSchema } from './job.ts';

const entry = new URL('./worker.ts', import.meta.url).pathname;

export interface RunOptions {
  readonly processes: number;
  /** What has not begun by then is left out. */
  readonly untilMs: number;
  readonly onDone: (outcome: Outcome, seconds: number) => void;
}

/** Has all jobs done, in their order, by so many processes side by side. Answers those that were left out. */
export async function runJobs(
  jobs: readonly Job[],
  { processes, untilMs, onDone }: RunOptions,
): Promise<readonly Job[]> {
  const left = [...jobs];
  await Promise.all(
    Array.from({ length: Math.min(processes, jobs.length) }, () => runSome(left, untilMs, onDone)),
  );
  return left;
}

/** One process that takes jobs off the list until none is left or the time is up. */
function runSome(left: Job[], untilMs: number, onDone: RunOptions['onDone']): Promise<void> {
  const [command = '', ...args] = parentDeathSignal([process.execPath, ...process.execArgv, entry]);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  let began = performance.now();
  const next = (): void => {
    began = performance.now();
    const job = performance.now() < untilMs ? left.shift() : undefined;
    if (job === undefined) child.stdin.end();
    else child.stdin.write(`${JSON.stringify(job)}\n`);
  };
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      onDone(OutcomeSchema.parse(JSON.parse(line)), (performance.now() - began) / 1000);
      next();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`a process of the bench ended with ${code}`));
    });
    next();
  });
}
