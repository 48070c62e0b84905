import type { Placement, ServiceGraph } from '../protocol/service-graph.ts';
import type { Substrate } from '../protocol/substrate.ts';

/** What is to be placed at best, and on what: the capacities of the substrate are what is free. */
export interface OptimumProblem {
  readonly substrate: Substrate;
  readonly services: readonly ServiceGraph[];
  /**
   * `cheapest`: all services placed, with the least sum of bandwidth times hops. `most-revenue`: such of the services as bring most, each
   * its `revenue`; what they cost does not count.
   */
  readonly objective: 'cheapest' | 'most-revenue';
  /** By service; needed for `most-revenue`. */
  readonly revenue?: readonly number[];
}

export interface OptimumOptions {
  readonly timeLimitMs: number;
  /** Gives up: the result is then `unknown`. */
  readonly signal?: AbortSignal;
}

export type OptimumResult =
  | {
      /** `optimal`: proved. `time-limit`: the best that was found, and what is proved about it. */
      readonly kind: 'optimal' | 'time-limit';
      /** Bytes/s times hops, or revenue; undefined: nothing was found in time. */
      readonly value: number | undefined;
      /** No placement is better than this. */
      readonly bound: number;
      /** Of the services that are placed. */
      readonly placements: readonly Placement[];
      readonly tookMs: number;
    }
  | { readonly kind: 'infeasible'; readonly tookMs: number }
  | { readonly kind: 'unknown'; readonly reason: string; readonly tookMs: number };

/** Finds the best placement there is, by one who sees everything and has time: to compare with. */
export interface Optimum {
  solve(problem: OptimumProblem, options: OptimumOptions): Promise<OptimumResult>;
}
