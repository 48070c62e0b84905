const WIDTH = 256;

/** Which numbers have come, of the last 256 below the highest (RFC 4303, 3.4.3): older ones count as come. */
export class ReplayWindow {
  #highest = 0;
  #seen = 0n;

  isNew(seq: number): boolean {
    if (seq > this.#highest) return true;
    const age = this.#highest - seq;
    return age < WIDTH && (this.#seen & (1n << BigInt(age))) === 0n;
  }

  mark(seq: number): void {
    if (seq > this.#highest) {
      const by = seq - this.#highest;
      this.#seen = by >= WIDTH ? 1n : ((this.#seen << BigInt(by)) | 1n) & ((1n << BigInt(WIDTH)) - 1n);
      this.#highest = seq;
    } else if (this.#highest - seq < WIDTH) this.#seen |= 1n << BigInt(this.#highest - seq);
  }
}
