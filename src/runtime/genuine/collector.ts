import { fromHex } from '../../adapters/keys/hex.ts';
import type { KemKey, StreamOpener } from '../../adapters/keys/kem-key.ts';
import { verifySignature } from '../../adapters/keys/signing-key.ts';
import { decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { JournalEntry } from '../../protocol/journal.ts';
import { JournalEntrySchema } from '../../protocol/journal.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { Telemetry } from '../../protocol/site-link.ts';
import { MAX_SITE_MESSAGE_BYTES, SealedTelemetrySchema, TelemetrySchema } from '../../protocol/site-link.ts';
import type { CycleInput } from '../agent-host.ts';
import { isCycleInput } from '../agent-host.ts';
import type { TrustView } from '../trust/trust-view.ts';

/** An agent begins a stream anew after it has lost its connection; not so often. */
const MOST_STREAMS = 1000;

/** What may wait of one agent for the ledger to tell who sent it, batches and characters, and for how many blocks: a site is a moment ahead. */
const MOST_EARLY = 64;
const MOST_EARLY_CHARS = 4 * 1024 * 1024;
const MOST_LOOKS = 16;

/** Incarnations of one agent that are remembered after they are over. */
const MOST_PAST = 4;

interface Incarnation {
  /** That it was attested with. */
  frameKey: Hex;
  /** Streams that it has begun: one that is told again would put old batches into the journal once more. */
  readonly begun: Set<string>;
  stream: { readonly opener: StreamOpener; next: number } | undefined;
}

interface Early {
  readonly agent: AgentId;
  readonly sealed: Hex;
  /** How often it has been too early. */
  readonly looks: number;
}

export interface CollectorOptions {
  readonly kemKey: KemKey;
  readonly trust: TrustView;
  readonly pipeline: string;
  onBatch(
    agent: AgentId,
    batch: Omit<Telemetry, 'journal' | 'inputs'> & {
      readonly journal: readonly JournalEntry[];
      readonly inputs: readonly CycleInput[];
    },
  ): void;
  onRefused(agent: AgentId, reason: string): void;
}

/** Keeps what agents have reasoned: takes it only from attested incarnations, in order, and each entry only under its own name. */
export class Collector {
  readonly #options: CollectorOptions;
  /** By agent and number: what an incarnation has said before it ended may come after it is replaced. */
  readonly #incarnations = new Map<string, Map<number, Incarnation>>();
  /** Batches of incarnations that the ledger has not told of yet: a site may have seen the block before us. */
  #early: Early[] = [];
  /** Batches are opened one after the other: a stream's key counts with them. */
  #queue: Promise<void> = Promise.resolve();

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  take(agent: AgentId, sealed: Hex): void {
    this.#look({ agent, sealed, looks: 0 });
  }

  /** The ledger has said more: who is attested now is remembered, and what came too early is looked at again. */
  onBlock(): void {
    for (const { name, incarnation, frameKey } of this.#options.trust.state.agents.values()) {
      if (frameKey !== ZERO) this.#remember(name, incarnation, frameKey);
    }
    const early = this.#early;
    this.#early = [];
    for (const each of early) this.#look(each);
  }

  #remember(name: string, incarnation: number, frameKey: Hex): void {
    const all = this.#incarnations.get(name) ?? new Map<number, Incarnation>();
    const known = all.get(incarnation);
    if (known !== undefined) {
      known.frameKey = frameKey;
      return;
    }
    all.set(incarnation, { frameKey, begun: new Set(), stream: undefined });
    this.#incarnations.set(name, all);
    // The one that acts is older than successors that came to nothing, however many those are.
    const agents = [...this.#options.trust.state.agents.values()];
    const now = agents.flatMap((each) => (each.name === name ? [each.incarnation] : []));
    const past = [...all.keys()].filter((each) => !now.includes(each)).sort((a, b) => a - b);
    for (const oldest of past.slice(0, -MOST_PAST)) all.delete(oldest);
  }

  /** Resolves once all that has come is taken. */
  settled(): Promise<void> {
    return this.#queue;
  }

  #look(batch: Early): void {
    this.#queue = this.#queue
      .then(() => this.#open(batch))
      // What one agent sends must not keep the others out of the journal.
      .catch((error: unknown) =>
        this.#options.onRefused(batch.agent, `it could not be read: ${String(error)}`),
      );
  }

  /** Looked at again with the next block; false: too much, or for too long. */
  #keep({ agent, sealed, looks }: Early): boolean {
    const own = this.#early.filter((each) => each.agent === agent);
    const chars = own.reduce((sum, each) => sum + each.sealed.length, sealed.length);
    if (looks >= MOST_LOOKS || own.length >= MOST_EARLY || chars > MOST_EARLY_CHARS) return false;
    this.#early.push({ agent, sealed, looks: looks + 1 });
    return true;
  }

  async #open(batch: Early): Promise<void> {
    const { agent, sealed: text } = batch;
    const { kemKey, pipeline, onBatch, onRefused } = this.#options;
    const bytes = fromHex(text, (text.length - 2) / 2);
    const parsed =
      bytes === undefined
        ? undefined
        : SealedTelemetrySchema.safeParse(decodeCbor(bytes, MAX_SITE_MESSAGE_BYTES));
    if (parsed?.success !== true) return onRefused(agent, 'not telemetry');
    const [, name, incarnation, encapsulated, seq, sealed, signature] = parsed.data;
    if (name !== agent) return onRefused(agent, 'of another agent');
    const from = this.#incarnations.get(agent)?.get(incarnation);
    if (from === undefined) {
      if (!this.#keep(batch)) onRefused(agent, `incarnation ${incarnation} is not known`);
      return;
    }
    const signed = encodeCbor(['muster telemetry', pipeline, name, incarnation, encapsulated, seq, sealed]);
    if (!verifySignature(from.frameKey, signed, signature))
      return onRefused(agent, 'not signed by the attested key');
    if (encapsulated !== null) {
      const { begun } = from;
      const label = Buffer.from(encapsulated).toString('base64');
      if (begun.has(label)) return onRefused(agent, 'a stream that has been begun before');
      if (begun.size >= MOST_STREAMS) return onRefused(agent, `more than ${MOST_STREAMS} streams`);
      const info = encodeCbor(['muster telemetry', pipeline, name, incarnation]);
      const opener = await kemKey.openStream(encapsulated, info);
      if (opener === undefined) return onRefused(agent, 'a stream that does not open');
      begun.add(label);
      from.stream = { opener, next: 0 };
    }
    const { stream } = from;
    if (stream === undefined || seq !== stream.next) return onRefused(agent, `batch ${seq} is out of order`);
    const plain = await stream.opener.open(sealed, encodeCbor(seq));
    stream.next++;
    const told = plain === undefined ? undefined : TelemetrySchema.safeParse(parseJson(plain));
    if (told?.success !== true) return onRefused(agent, 'a batch that does not open');
    const journal = told.data.journal.flatMap((each) => {
      const entry = JournalEntrySchema.safeParse(each);
      const own = entry.success && entry.data.agent === agent && entry.data.id.startsWith(`${agent}:`);
      return own ? [entry.data] : [];
    });
    if (journal.length < told.data.journal.length) onRefused(agent, 'entries that are none, or not its own');
    const own = told.data.inputs.filter(isCycleInput).filter((each) => each.agent === agent);
    if (own.length < told.data.inputs.length) onRefused(agent, 'cycles that are none, or not its own');
    // Which life it is in, the ledger says.
    const inputs = own.map((each) => ({ ...each, life: incarnation }));
    onBatch(agent, { ...told.data, journal, inputs });
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}
