/** A seeded source of randomness; the same seed gives the same sequence on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, bound). */
  below(bound: number): number;
  /** Exponential with the given mean. */
  exponential(mean: number): number;
  /** A new array in random order. */
  shuffle<T>(items: readonly T[]): T[];
  /** An independent stream with its own sequence, named so that adding one does not move the others. */
  fork(name: string): Random;
}
