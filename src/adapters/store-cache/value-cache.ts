/** Bytes that are kept at most, and the largest value that is. */
const MOST = 16 * 1024 * 1024;
const LARGEST = 256 * 1024;

/** Values of a store that have been read or written, by a sha256 over them: they cannot be others later. Those not asked for longest go first. */
export class ValueCache {
  readonly #values = new Map<string, Uint8Array>();
  #bytes = 0;

  get(sha256: string): Uint8Array | undefined {
    const value = this.#values.get(sha256);
    if (value === undefined) return undefined;
    this.#values.delete(sha256);
    this.#values.set(sha256, value);
    // Whoever asked may write into what he is given.
    return value.slice();
  }

  keep(sha256: string, value: Uint8Array): void {
    if (value.length > LARGEST || this.#values.has(sha256)) return;
    this.#values.set(sha256, value.slice());
    this.#bytes += value.length;
    for (const [oldest, { length }] of this.#values) {
      if (this.#bytes <= MOST) return;
      this.#values.delete(oldest);
      this.#bytes -= length;
    }
  }
}
