import type { StoreChange } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import { changedState, type StoreState } from './store-state.ts';

/** By the format that they start from: what has to change so that it becomes the next one. */
export type Migrations = Readonly<
  Record<number, (values: ReadonlyMap<string, Uint8Array>) => readonly StoreChange[]>
>;

interface Found {
  readonly state: StoreState;
  readonly values: ReadonlyMap<string, Uint8Array>;
  /** Undefined: the store is new. */
  readonly format: number | undefined;
}

/** Brings a store to the format of now, one format after the other, each written whole or not at all. */
export async function migrated(
  directory: string,
  found: Found,
  { format, migrations = {} }: { readonly format: number; readonly migrations?: Migrations },
  write: (changes: readonly StoreChange[], after: StoreState, format: number) => Promise<void>,
): Promise<StoreState> {
  if (found.format === undefined) {
    await write([], found.state, format);
    return found.state;
  }
  if (found.format > format) {
    throw new MusterError(
      'NOT_SUPPORTED',
      `the store ${directory} has format ${found.format}, and this version knows ${format}`,
      {
        hint: 'use the version of Muster that wrote it, or a later one',
      },
    );
  }
  const values = new Map(found.values);
  let { state } = found;
  for (let from = found.format; from < format; from += 1) {
    const migrate = migrations[from];
    if (migrate === undefined) {
      throw new MusterError(
        'NOT_SUPPORTED',
        `the store ${directory} has format ${from}, which nothing leads on from`,
        {
          hint: `use a version of Muster between the one that wrote it and this one`,
        },
      );
    }
    const changes = migrate(values);
    state = changedState(state, changes);
    await write(changes, state, from + 1);
    for (const change of changes) {
      if (change.kind === 'delete') values.delete(change.key);
      else values.set(change.key, change.value);
    }
  }
  return state;
}
