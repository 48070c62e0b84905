import { Worker } from 'node:worker_threads';
import type { Optimum, OptimumOptions, OptimumResult } from '../../ports/optimum.ts';
import { placementProgram } from './placement-program.ts';
import type { SolveAnswer, SolveOrder } from './solve-message.ts';

/** HiGHS looks at its clock between steps: how much longer than its limit it may take before its thread is ended. */
const GRACE_MS = 20_000;

/** Exact placement with HiGHS, each problem in a worker thread of its own. */
export function createHighsOptimum(): Optimum {
  return {
    solve: async (problem, options) => {
      const began = performance.now();
      const { program, placements } = placementProgram(problem);
      const answer = await solve({ program, timeLimitMs: options.timeLimitMs }, options.signal);
      const tookMs = performance.now() - began;
      if (typeof answer === 'string') return { kind: 'unknown', reason: answer, tookMs };
      const { status, value, bound, solution } = answer;
      switch (status) {
        case 'infeasible':
          return { kind: 'infeasible', tookMs };
        case 'optimal':
        case 'time-limit':
          return {
            kind: status,
            value,
            bound: status === 'optimal' && value !== undefined ? value : bound,
            placements: value === undefined ? [] : placements(solution),
            tookMs,
          };
        default:
          return { kind: 'unknown', reason: 'the solver gave up', tookMs } satisfies OptimumResult;
      }
    },
  };
}

/** A thread has to be told itself how TypeScript is read. */
const BOOT = `
  const { workerData } = require('node:worker_threads');
  import(workerData.loader)
    .then((tsx) => tsx.register())
    .then(() => import(workerData.entry));
`;

/** A text: why there is no answer. */
function solve(order: SolveOrder, signal: OptimumOptions['signal']): Promise<SolveAnswer | string> {
  return new Promise((resolve) => {
    const entry = new URL('./solver-worker.ts', import.meta.url).href;
    const loader = import.meta.resolve('tsx/esm/api');
    const worker = new Worker(BOOT, { eval: true, execArgv: [], workerData: { ...order, entry, loader } });
    const end = (answer: SolveAnswer | string): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      resolve(answer);
      void worker.terminate();
    };
    const aborted = (): void => end('it was called off');
    const timer = setTimeout(() => end('the solver did not stop in time'), order.timeLimitMs + GRACE_MS);
    signal?.addEventListener('abort', aborted);
    if (signal?.aborted === true) aborted();
    // The worker posts nothing but a SolveAnswer.
    worker.once('message', (answer: SolveAnswer) => end(answer));
    worker.once('error', (error: Error) => end(error.message));
    worker.once('exit', (code) => end(`the solver ended with ${code}`));
  });
}
