interface Entry<T> {
  readonly item: T;
  /** Equal times keep the order in which the items came: it must not depend on how the heap happens to lie. */
  readonly seq: number;
  atMs: number;
  index: number;
}

/** When what must be looked at: a binary heap that knows where each item is, so that a deadline can be moved or taken off. */
export class Deadlines<T> {
  readonly #entries = new Map<T, Entry<T>>();
  readonly #heap: Entry<T>[] = [];
  #seq = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Sets or moves an item's deadline; Infinity takes it off. */
  set(item: T, atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY) {
      this.delete(item);
      return;
    }
    const known = this.#entries.get(item);
    if (known === undefined) {
      const entry = { item, seq: this.#seq++, atMs, index: this.#heap.length };
      this.#entries.set(item, entry);
      this.#heap.push(entry);
      this.#up(entry);
      return;
    }
    if (known.atMs === atMs) return;
    const later = atMs > known.atMs;
    known.atMs = atMs;
    if (later) this.#down(known);
    else this.#up(known);
  }

  delete(item: T): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return;
    this.#entries.delete(item);
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    last.index = entry.index;
    this.#heap[last.index] = last;
    this.#up(last);
    this.#down(last);
  }

  /** Infinity: nothing to wait for. */
  earliestMs(): number {
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** The items whose time has come, earliest first, then those that came first; they keep their deadlines until these are moved. */
  due(nowMs: number): readonly T[] {
    if (this.earliestMs() > nowMs) return [];
    const due: Entry<T>[] = [];
    this.#collect(0, nowMs, due);
    return due.sort((a, b) => a.atMs - b.atMs || a.seq - b.seq).map((entry) => entry.item);
  }

  /** Only branches that are due themselves are looked into: what is not due yet costs nothing. */
  #collect(index: number, nowMs: number, due: Entry<T>[]): void {
    const entry = this.#heap[index];
    if (entry === undefined || entry.atMs > nowMs) return;
    due.push(entry);
    this.#collect(2 * index + 1, nowMs, due);
    this.#collect(2 * index + 2, nowMs, due);
  }

  #up(entry: Entry<T>): void {
    const heap = this.#heap;
    for (;;) {
      const parent = entry.index === 0 ? undefined : heap[(entry.index - 1) >> 1];
      if (parent === undefined || parent.atMs <= entry.atMs) return;
      this.#swap(entry, parent);
    }
  }

  #down(entry: Entry<T>): void {
    const heap = this.#heap;
    for (;;) {
      const left = heap[2 * entry.index + 1];
      const right = heap[2 * entry.index + 2];
      const child = left !== undefined && right !== undefined && right.atMs < left.atMs ? right : left;
      if (child === undefined || child.atMs >= entry.atMs) return;
      this.#swap(entry, child);
    }
  }

  #swap(a: Entry<T>, b: Entry<T>): void {
    const { index } = a;
    a.index = b.index;
    b.index = index;
    this.#heap[a.index] = a;
    this.#heap[b.index] = b;
  }
}
