import type { StoreChange, StoreDecision, StoreView } from '../../ports/store.ts';

/** Somebody who wants a store changed, and waits for an answer. */
export interface Wish {
  decide(view: StoreView): Promise<StoreDecision<unknown>>;
  resolve(answer: unknown): void;
  reject(error: unknown): void;
}

/** What came of one wish; `changes` are made with those of all others. */
export type Decided = { readonly answer: unknown } | { readonly error: unknown };

/** Lets everybody decide, each on what those before him have decided; one who throws changes nothing. All changes, the last of each key. */
export async function decideInTurn(
  base: StoreView,
  wishes: readonly Wish[],
): Promise<{ readonly decided: readonly Decided[]; readonly changes: readonly StoreChange[] }> {
  const changed = new Map<string, StoreChange>();
  const decided: Decided[] = [];
  for (const wish of wishes) {
    try {
      const { changes, answer } = await wish.decide(changedView(base, new Map(changed)));
      for (const change of changes) changed.set(change.key, change);
      decided.push({ answer });
    } catch (error) {
      decided.push({ error });
    }
  }
  return { decided, changes: [...changed.values()] };
}

function changedView(base: StoreView, changed: ReadonlyMap<string, StoreChange>): StoreView {
  if (changed.size === 0) return base;
  return {
    keys: (prefix) => {
      const there = base.keys(prefix).filter((key) => !changed.has(key));
      const put = [...changed.values()].flatMap(({ kind, key }) =>
        kind === 'put' && key.startsWith(prefix) ? [key] : [],
      );
      return put.length === 0 ? there : [...there, ...put].sort(byText);
    },
    get: async (key) => {
      const change = changed.get(key);
      if (change === undefined) return base.get(key);
      return change.kind === 'put' ? change.value.slice() : undefined;
    },
  };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
