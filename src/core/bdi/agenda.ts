/** A binary min-heap of items with a rank; equal ranks keep the order in which they came. */
export class Agenda<T> {
  #items: { rank: number; seq: number; item: T }[] = [];
  #seq = 0;

  get size(): number {
    return this.#items.length;
  }

  /** Rank of the first item; Infinity when empty. */
  peekRank(): number {
    return this.#items[0]?.rank ?? Number.POSITIVE_INFINITY;
  }

  push(rank: number, item: T): void {
    const items = this.#items;
    const entry = { rank, seq: this.#seq++, item };
    let at = items.length;
    items.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !before(entry, parent)) break;
      items[at] = parent;
      at = above;
    }
    items[at] = entry;
  }

  pop(): T | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (top === undefined || last === undefined) return undefined;
    if (items.length > 0) this.#sink(last);
    return top.item;
  }

  /** All items in rank order; the heap stays as it is. */
  ranked(): readonly { readonly rank: number; readonly item: T }[] {
    return [...this.#items].sort((a, b) => (before(a, b) ? -1 : 1)).map(({ rank, item }) => ({ rank, item }));
  }

  #sink(entry: { rank: number; seq: number; item: T }): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      const left = items[2 * at + 1];
      if (left === undefined) break;
      const right = items[2 * at + 2];
      const useRight = right !== undefined && before(right, left);
      const child = useRight ? right : left;
      if (!before(child, entry)) break;
      items[at] = child;
      at = 2 * at + (useRight ? 2 : 1);
    }
    items[at] = entry;
  }
}

function before(a: { rank: number; seq: number }, b: { rank: number; seq: number }): boolean {
  return a.rank < b.rank || (a.rank === b.rank && a.seq < b.seq);
}
