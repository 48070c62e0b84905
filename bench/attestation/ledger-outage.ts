import { descendants, signalTo } from './processes.ts';

const LEDGER_PROGRAM = 'ledgerNode.mjs';
const LOOK_MS = 25;

/** What becomes of the ledger's process. */
export type Ledger = 'running' | 'killed' | 'stopped';
export const LEDGERS: readonly Ledger[] = ['running', 'killed', 'stopped'];

/** Takes the ledger of this process away and gives it back: killed with all that are started in its place, or held still. */
export class LedgerOutage {
  readonly #ledger: Ledger;
  readonly #hit = new Set<number>();
  #again: NodeJS.Timeout | undefined;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Throws when there is no ledger to take away. */
  begin(): void {
    if (this.#ledger === 'running') return;
    this.#takeDown(this.#ledger === 'killed' ? 'SIGKILL' : 'SIGSTOP');
    if (this.#hit.size === 0) throw new Error('there is no ledger process to take down');
    // One that is started in its place is stopped before it can answer: held still, it takes no time from others.
    this.#again = setInterval(() => this.#takeDown('SIGSTOP'), LOOK_MS);
  }

  end(): void {
    clearInterval(this.#again);
    for (const pid of this.#hit) signalTo(pid, 'SIGCONT');
  }

  #takeDown(signal: NodeJS.Signals): void {
    for (const pid of descendants(LEDGER_PROGRAM)) {
      if (this.#hit.has(pid)) continue;
      this.#hit.add(pid);
      signalTo(pid, signal);
    }
  }
}
