/** Something about each of the rounds that are under way; forgotten when they are over, since rounds go on for as long as a pipeline does. */
export class RoundsUnderWay<T> {
  readonly #isUnderWay: (round: number) => boolean;
  readonly #known = new Map<number, T>();

  constructor(isUnderWay: (round: number) => boolean) {
    this.#isUnderWay = isUnderWay;
  }

  get size(): number {
    return this.#known.size;
  }

  get(round: number): T | undefined {
    return this.#known.get(round);
  }

  /** Of a round that is not under way nothing is kept. */
  set(round: number, value: T): void {
    for (const each of this.#known.keys()) if (!this.#isUnderWay(each)) this.#known.delete(each);
    if (this.#isUnderWay(round)) this.#known.set(round, value);
  }
}
