import type { SealStream } from '../../adapters/keys/kem-key.ts';
import { sealStream } from '../../adapters/keys/kem-key.ts';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import type { AgentConfig } from '../../protocol/agent-control.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import type { Telemetry } from '../../protocol/site-link.ts';
import type { CycleInput } from '../agent-host.ts';

const EVERY_MS = 50;
/** Entries of one batch, and the most that wait while there is no connection: the oldest go first, and are counted. */
const BATCH = 150;
const MOST_WAITING = 50_000;

export interface TelemetryOptions {
  readonly config: AgentConfig;
  readonly signingKey: SigningKey;
  /** False: there is no connection now. */
  send(sealed: Uint8Array): boolean;
  counters(): Omit<Telemetry, 'journal' | 'inputs'>;
}

/** What an agent reasons, on its way to the journal: sealed to whoever keeps it, signed, in order. */
export class TelemetrySender {
  readonly #options: TelemetryOptions;
  #journal: JournalEntry[] = [];
  #inputs: CycleInput[] = [];
  #stream: { readonly stream: SealStream; begun: boolean; seq: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #busy = false;

  constructor(options: TelemetryOptions) {
    this.#options = options;
  }

  entry(entry: JournalEntry): void {
    if (this.#journal.length < MOST_WAITING) this.#journal.push(entry);
    this.#wake();
  }

  input(input: CycleInput): void {
    if (this.#inputs.length < MOST_WAITING) this.#inputs.push(input);
    this.#wake();
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
      while (this.#journal.length + this.#inputs.length > 0) if (!(await this.#sendBatch())) break;
    } finally {
      this.#busy = false;
    }
    if (this.#journal.length + this.#inputs.length > 0) this.#wake();
  }

  async #sendBatch(): Promise<boolean> {
    const { config, signingKey, send, counters } = this.#options;
    const { name, incarnation, collector, pipeline } = config;
    const info = encodeCbor(['muster telemetry', pipeline, name, incarnation]);
    this.#stream ??= { stream: await sealStream(collector, info), begun: false, seq: 0 };
    const current = this.#stream;
    const journal = this.#journal.slice(0, BATCH);
    const inputs = this.#inputs.slice(0, BATCH);
    const batch: Telemetry = { journal, inputs, ...counters() };
    const seq = current.seq++;
    const plain = new TextEncoder().encode(JSON.stringify(batch));
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
    this.#journal.splice(0, journal.length);
    this.#inputs.splice(0, inputs.length);
    return true;
  }
}
