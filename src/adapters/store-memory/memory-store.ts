import type { Store, StoreChange, StoreView } from '../../ports/store.ts';

/** A store that ends with its process: for the twin, where a run leaves nothing behind. */
export function createMemoryStore(): Store {
  let values: ReadonlyMap<string, Uint8Array> = new Map();
  const view = (at: typeof values): StoreView => ({
    keys: (prefix) => [...at.keys()].filter((key) => key.startsWith(prefix)).sort(),
    get: async (key) => at.get(key)?.slice(),
  });
  return {
    view: async () => view(values),
    update: async (decide) => {
      for (;;) {
        const base = values;
        const { changes, answer } = await decide(view(base));
        if (changes.length === 0) return answer;
        // Somebody was quicker: decided again on what there is now.
        if (values !== base) continue;
        values = changed(base, changes);
        return answer;
      }
    },
  };
}

function changed(
  values: ReadonlyMap<string, Uint8Array>,
  changes: readonly StoreChange[],
): ReadonlyMap<string, Uint8Array> {
  const next = new Map(values);
  for (const change of changes) {
    if (change.kind === 'delete') next.delete(change.key);
    else next.set(change.key, change.value.slice());
  }
  return next;
}
