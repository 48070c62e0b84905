import type { Figures } from './run-child.ts';

/** Figures of all rounds of all workloads. */
export class Results {
  readonly #rounds = new Map<string, Figures[]>();

  add(workload: string, figures: Figures): void {
    const rounds = this.#rounds.get(workload);
    if (rounds === undefined) this.#rounds.set(workload, [figures]);
    else rounds.push(figures);
  }

  workloads(): readonly string[] {
    return [...this.#rounds.keys()];
  }

  figuresOf(workload: string): readonly string[] {
    return Object.keys(this.#rounds.get(workload)?.[0] ?? {});
  }

  all(workload: string, figure: string): readonly number[] {
    return (this.#rounds.get(workload) ?? []).flatMap((each) => each[figure] ?? []);
  }

  /** Undefined: that workload was not run. */
  median(workload: string, figure: string): number | undefined {
    const sorted = [...this.all(workload, figure)].sort((a, b) => a - b);
    return sorted[sorted.length >> 1];
  }

  toJson(): Record<string, readonly Figures[]> {
    return Object.fromEntries(this.#rounds);
  }
}
