import type { StoreChange } from '../../ports/store.ts';
import { combined, NOTHING_SEALED, sealOf } from './seal.ts';

/** What is in the store, but for the values: seals by key, in the order of the keys. */
export interface StoreState {
  /** Rises by one with every change. */
  readonly version: number;
  readonly seals: ReadonlyMap<string, Uint8Array>;
  readonly keys: readonly string[];
  /** Of all seals. */
  readonly total: Uint8Array;
}

export function stateOf(seals: ReadonlyMap<string, Uint8Array>): StoreState {
  const total = [...seals.values()].reduce(combined, NOTHING_SEALED);
  return { version: 0, seals, keys: [...seals.keys()].toSorted(byText), total };
}

/** The state after changes, which are of one version or of several that go to disk together; the seals of what they put are made here. */
export function changedState(
  state: StoreState,
  changes: readonly StoreChange[],
  version = state.version + 1,
): StoreState {
  const seals = new Map(state.seals);
  let { total } = state;
  let sameKeys = true;
  for (const change of changes) {
    const before = seals.get(change.key);
    if (before !== undefined) total = combined(total, before);
    if (change.kind === 'delete') {
      sameKeys &&= before === undefined;
      seals.delete(change.key);
    } else {
      sameKeys &&= before !== undefined;
      const seal = sealOf(change.key, change.value);
      total = combined(total, seal);
      seals.set(change.key, seal);
    }
  }
  const keys = sameKeys ? state.keys : [...seals.keys()].toSorted(byText);
  return { version, seals, keys, total };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
