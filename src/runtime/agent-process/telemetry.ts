import type { SealStream } from '../../adapters/keys/kem-key.ts';
import { sealStream } from '../../adapters/keys/kem-key.ts';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { Telemetry } from '../../protocol/site-link.ts';
import { MAX_SITE_MESSAGE_BYTES } from '../../protocol/site-link.ts';
import type { CycleInput } from '../agent-host.ts';

const EVERY_MS = 50;
/** Entries of one batch, about; and the most that wait while there is no connection: what is over goes nowhere. */
const BATCH = 150;
const MOST_WAITING = 50_000;
/** A batch ends there; a cycle that is longer goes nowhere, since no daemon would carry it. */
const BATCH_CHARS = 200_000;
const MOST_CHARS = MAX_SITE_MESSAGE_BYTES / 4;

/** One reasoning cycle in JSON. */
interface Cycle {
  readonly input: string;
  readonly entries: string[];
  chars: number;
}

export interface TelemetryOptions {
  readonly config: AgentConfig;
  readonly signingKey: SigningKey;
  /** False: there is no connection now. */
  send(sealed: Uint8Array): boolean;
  counters(): Omit<Telemetry, 'journal' | 'inputs'>;
}

/**
 * What an agent reasons, on its way to the journal: sealed to whoever keeps it, signed, in order. A cycle's input and its entries go
 * together, so that what has arrived of an agent that is killed can be replayed.
 */
export class TelemetrySender {
  readonly #options: TelemetryOptions;
  readonly #cycles: Cycle[] = [];
  /** The one that entries belong to. */
  #cycle: Cycle | undefined;
  /** Inputs and entries that have not been sent. */
  #waiting = 0;
  #stream: { readonly stream: SealStream; begun: boolean; seq: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;

  constructor(options: TelemetryOptions) {
    this.#options = options;
  }

  /** A cycle begins: what is entered from now on belongs to it. */
  input(input: CycleInput): void {
    const text = JSON.stringify(input);
    this.#cycle = undefined;
    if (this.#waiting >= MOST_WAITING) return;
    this.#cycle = { input: text, entries: [], chars: text.length };
    this.#cycles.push(this.#cycle);
    this.#waiting++;
    this.#wake();
  }

  entry(entry: JournalEntry): void {
    const cycle = this.#cycle;
    if (cycle === undefined) return;
    const text = JSON.stringify(entry);
    cycle.entries.push(text);
    cycle.chars += text.length;
    this.#waiting++;
  }

  #wake(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#flush();
    }, EVERY_MS);
  }

  async #flush(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#cycles.length > 0) if (!(await this.#sendBatch())) break;
    } finally {
      this.#busy = false;
    }
    if (this.#cycles.length > 0) this.#wake();
  }

  /** The first cycles that wait, as many as fit into a batch. */
  #batch(): readonly Cycle[] {
    const batch: Cycle[] = [];
    let [entries, chars] = [0, 0];
    for (const cycle of this.#cycles) {
      if (batch.length > 0 && (chars + cycle.chars > BATCH_CHARS || entries >= BATCH)) break;
      batch.push(cycle);
      entries += 1 + cycle.entries.length;
      chars += cycle.chars;
    }
    return batch;
  }

  async #sendBatch(): Promise<boolean> {
    const { config, signingKey, send, counters } = this.#options;
    const { name, incarnation, collector, pipeline } = config;
    const info = encodeCbor(['muster telemetry', pipeline, name, incarnation]);
    this.#stream ??= { stream: await sealStream(collector, info), begun: false, seq: 0 };
    const current = this.#stream;
    const batch = this.#batch();
    const fits = batch.filter((each) => each.chars <= MOST_CHARS);
    const journal = fits.flatMap((each) => each.entries).join();
    const inputs = fits.map((each) => each.input).join();
    const rest = JSON.stringify(counters()).slice(1);
    const seq = current.seq++;
    const plain = new TextEncoder().encode(`{"journal":[${journal}],"inputs":[${inputs}],${rest}`);
    const sealed = await current.stream.seal(plain, encodeCbor(seq));
    const encapsulated = current.begun ? null : current.stream.encapsulated;
    const signed = encodeCbor(['muster telemetry', pipeline, name, incarnation, encapsulated, seq, sealed]);
    const message = [1, name, incarnation, encapsulated, seq, sealed, signingKey.sign(signed)];
    // A batch that was not taken is sealed again under a new stream: a sealed one opens once.
    if (current !== this.#stream || !send(encodeCbor(message))) {
      this.#stream = undefined;
      return false;
    }
    current.begun = true;
    this.#cycles.splice(0, batch.length);
    for (const { entries } of batch) this.#waiting -= 1 + entries.length;
    return true;
  }
}
