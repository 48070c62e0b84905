import type { StoreChange } from '../../ports/store.ts';

/** What a decision has looked at: if none of it has changed since, it would be the same now. */
export interface Reads {
  readonly keys: Set<string>;
  readonly prefixes: Set<string>;
}

/** Versions that are remembered: whoever decides for longer than that decides again. */
const REMEMBERED = 2000;

/** Which keys were changed in which version of a store. */
export class ChangeLog {
  readonly #changed: { readonly version: number; readonly keys: readonly string[] }[] = [];

  note(version: number, changes: readonly StoreChange[]): void {
    this.#changed.push({ version, keys: changes.map(({ key }) => key) });
    if (this.#changed.length > 2 * REMEMBERED) this.#changed.splice(0, REMEMBERED);
  }

  /** Whether something that was read at a version has been changed after it. */
  hasChanged(reads: Reads, since: number): boolean {
    const [oldest] = this.#changed;
    if (oldest !== undefined && oldest.version > since + 1) return true;
    const from = this.#changed.findLastIndex(({ version }) => version <= since) + 1;
    return this.#changed
      .slice(from)
      .some(({ keys }) =>
        keys.some(
          (key) => reads.keys.has(key) || [...reads.prefixes].some((prefix) => key.startsWith(prefix)),
        ),
      );
  }
}
