import type { LinearProgram } from './linear-model.ts';

/** What the worker is given. */
export interface SolveOrder {
  readonly program: LinearProgram;
  readonly timeLimitMs: number;
}

/** What it answers. */
export interface SolveAnswer {
  readonly status: 'optimal' | 'time-limit' | 'infeasible' | 'other';
  /** Undefined: no solution was found. */
  readonly value: number | undefined;
  readonly bound: number;
  readonly solution: Float64Array;
}
