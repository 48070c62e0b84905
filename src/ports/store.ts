/** What is in a store at one time. Keys are text; values are bytes. */
export interface StoreView {
  /** Keys that begin so, sorted. */
  keys(prefix: string): readonly string[];
  /** @throws STORE_DAMAGED when what was stored is not what is found. */
  get(key: string): Promise<Uint8Array | undefined>;
}

export type StoreChange =
  | { readonly kind: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly key: string };

/** What somebody wants done, and what they are answered once it is. */
export interface StoreDecision<T> {
  readonly changes: readonly StoreChange[];
  readonly answer: T;
}

/** What outlives a process, also one that is killed. */
export interface Store {
  view(): Promise<StoreView>;
  /**
   * Decides on what is in the store now, and makes the changes: all or none, on disk when this resolves, and never on a view
   * that somebody else has changed meanwhile (then it decides again, so `decide` has no effects of its own).
   */
  update<T>(decide: (view: StoreView) => Promise<StoreDecision<T>>): Promise<T>;
}
