/** How long the ledger has been silent. Blocks are made on demand; every agent's round comes once a period. */
export class LedgerPulse {
  readonly #options: { nowMs(): number; readonly periodS: number };
  #lastBlockMs: number;
  #isAway = false;

  /** `nowMs`: monotonic. */
  constructor(options: { nowMs(): number; readonly periodS: number }) {
    this.#options = options;
    this.#lastBlockMs = options.nowMs();
  }

  onBlock(): void {
    this.#lastBlockMs = this.#options.nowMs();
  }

  /** Its endpoint does not answer (true) or answers again (false). */
  onSilence(isAway: boolean): void {
    this.#isAway = isAway;
  }

  /** For how long it has said nothing although it should have, s; 0: it has not been silent. */
  get silentForS(): number {
    const { nowMs, periodS } = this.#options;
    const silentForS = (nowMs() - this.#lastBlockMs) / 1000;
    return this.#isAway || silentForS > 1.5 * periodS ? silentForS : 0;
  }
}
