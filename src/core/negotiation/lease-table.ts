import { Deadlines } from './deadlines.ts';

/** Standing awards by their name, each with the time at which it must be looked at next. */
export class LeaseTable<T extends { readonly award: string }> {
  readonly #all = new Map<string, T>();
  readonly #deadlines = new Deadlines<T>();
  readonly #nextLookMs: (each: T) => number;

  constructor(nextLookMs: (each: T) => number) {
    this.#nextLookMs = nextLookMs;
  }

  get size(): number {
    return this.#all.size;
  }

  get(award: string): T | undefined {
    return this.#all.get(award);
  }

  values(): readonly T[] {
    return [...this.#all.values()];
  }

  /** Takes the place of one of the same name. */
  add(each: T): void {
    this.remove(this.#all.get(each.award));
    this.#all.set(each.award, each);
    this.touch(each);
  }

  /** Its times have changed. */
  touch(each: T): void {
    this.#deadlines.set(each, this.#nextLookMs(each));
  }

  remove(each: T | undefined): void {
    if (each === undefined) return;
    this.#all.delete(each.award);
    this.#deadlines.delete(each);
  }

  due(nowMs: number): readonly T[] {
    return this.#deadlines.due(nowMs);
  }

  /** Infinity: there is none. */
  earliestMs(): number {
    return this.#deadlines.earliestMs();
  }
}
