/** Reads lines and counted bytes from what comes in pieces. */
export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #held: Uint8Array[] = [];
  #length = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** A line without its end; undefined: there is none that ends within so many bytes. */
  async line(maxBytes: number): Promise<Uint8Array | undefined> {
    let searched = 0;
    for (;;) {
      const held = this.#join();
      const end = held.indexOf(0x0a, searched);
      if (end >= 0) return end > maxBytes ? undefined : this.#take(end + 1).subarray(0, end);
      if (held.length > maxBytes) return undefined;
      searched = held.length;
      if (!(await this.#more())) return undefined;
    }
  }

  /** So many bytes; undefined: there are fewer. */
  async bytes(count: number): Promise<Uint8Array | undefined> {
    while (this.#length < count) if (!(await this.#more())) return undefined;
    return this.#take(count);
  }

  /** Whether nothing is left. */
  async ended(): Promise<boolean> {
    while (this.#length === 0) if (!(await this.#more())) return true;
    return false;
  }

  async #more(): Promise<boolean> {
    const next = await this.#pieces.next();
    if (next.done === true) return false;
    this.#held.push(next.value);
    this.#length += next.value.length;
    return true;
  }

  #join(): Uint8Array {
    const [only] = this.#held;
    if (only !== undefined && this.#held.length === 1) return only;
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#held) {
      all.set(piece, at);
      at += piece.length;
    }
    this.#held = [all];
    return all;
  }

  #take(count: number): Uint8Array {
    const all = this.#join();
    this.#held = [all.subarray(count)];
    this.#length = all.length - count;
    return all.subarray(0, count);
  }
}
