/** One row of a model: `lower <= sum(values[i] * x[columns[i]]) <= upper`. */
interface Row {
  readonly columns: readonly number[];
  readonly values: readonly number[];
  readonly lower: number;
  readonly upper: number;
}

/** A mixed-integer program in sparse rows, as HiGHS takes it: plain data, so that it can go to a worker. */
export interface LinearProgram {
  readonly maximize: boolean;
  readonly cost: Float64Array;
  readonly upper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** Builds a program whose variables are all 0 or 1. */
export class LinearModel {
  readonly #cost: number[] = [];
  readonly #upper: number[] = [];
  readonly #rows: Row[] = [];

  /** Its column. `allowed`: false fixes it at 0. */
  variable(cost: number, allowed = true): number {
    this.#cost.push(cost);
    this.#upper.push(allowed ? 1 : 0);
    return this.#cost.length - 1;
  }

  row(terms: readonly (readonly [column: number, value: number])[], lower: number, upper: number): void {
    const sums = new Map<number, number>();
    for (const [column, value] of terms) sums.set(column, (sums.get(column) ?? 0) + value);
    this.#rows.push({ columns: [...sums.keys()], values: [...sums.values()], lower, upper });
  }

  program(maximize: boolean): LinearProgram {
    const rows = this.#rows;
    const starts = new Int32Array(rows.length + 1);
    rows.forEach(({ columns }, index) => {
      starts[index + 1] = (starts[index] ?? 0) + columns.length;
    });
    return {
      maximize,
      cost: Float64Array.from(this.#cost),
      upper: Float64Array.from(this.#upper),
      rowLower: Float64Array.from(rows, (row) => row.lower),
      rowUpper: Float64Array.from(rows, (row) => row.upper),
      starts,
      indices: Int32Array.from(rows.flatMap((row) => row.columns)),
      values: Float64Array.from(rows.flatMap((row) => row.values)),
    };
  }
}
