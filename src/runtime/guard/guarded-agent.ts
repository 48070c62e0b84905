import { createRateLimit } from '../../adapters/ledger-embedded/rate-limit.ts';
import type { AgentHandle, EvidenceSource } from '../../ports/evidence-source.ts';
import type { FromAgent, ToAgent } from '../../protocol/agent-control.ts';
import { FromAgentSchema } from '../../protocol/agent-control.ts';
import type { DisclosurePart } from '../../protocol/decision-disclosure.ts';
import { MOST_PARTS } from '../../protocol/decision-disclosure.ts';
import type { ImageManifest } from '../../protocol/image.ts';
import type { AgentKey, Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { SpawnOrder } from '../../protocol/site-control.ts';
import { monotonicMs } from '../trust/trust-view.ts';

const ANSWER_WITHIN_MS = 5000;
/** What an agent may have logged: one that talks without end must not fill its guard's memory, which would end all of its site. */
const LOGS = { perSec: 50, burst: 500 };

/** Disclosures of one agent that are under way at a time. */
const MOST_DISCLOSING = 8;

type DisclosedPart = Pick<DisclosurePart, 'index' | 'of' | 'part'>;

export interface GuardedAgentEvents {
  onLog(text: string): void;
  /** It holds an epoch that it was given. */
  onHeld(epoch: number, first: boolean): void;
  /** Its envelope of an epoch that it was given does not open. */
  onEpochRefused(epoch: number): void;
}

/** One agent process under a guard: what it was started from, and the channel to it. */
export class GuardedAgent {
  readonly order: SpawnOrder;
  /** Its place on the ledger: a successor's seat until it has taken over, its agent's from then on. */
  key: AgentKey;
  handle: AgentHandle | undefined;
  /** Of the image that it was started from; undefined: it was not yet. */
  manifest: ImageManifest | undefined;
  kemKey: Hex = ZERO;
  frameKey: Hex = ZERO;
  /** The last epoch that its process has said to hold. */
  held = 0;
  /** The last epoch that its guard has told the ledger it holds. */
  acknowledged = 0;
  /** What opens the draw that its last commit promised. */
  draw: Hex = ZERO;
  /** The same of a commit of which nobody has told yet whether it happened. */
  maybeDrawn: { readonly round: number; readonly binding: Hex; readonly draw: Hex } | undefined;
  ended = false;
  readonly #waiting = new Map<number, (message: FromAgent | undefined) => void>();
  readonly #onLog: (text: string) => void;
  readonly #events: GuardedAgentEvents;
  readonly #disclosing = new Map<number, { readonly onPart: (part: DisclosedPart) => void; next: number }>();
  #requests = 0;
  /** Also one without keys has named them: it gets none later. */
  #named = false;
  /** The last epoch whose key was sent to its process. */
  #given = 0;
  #refused = 0;

  constructor(order: SpawnOrder, events: GuardedAgentEvents) {
    this.order = order;
    this.key = order.key;
    const mayLog = createRateLimit(LOGS, monotonicMs);
    this.#onLog = (text) => {
      if (mayLog(1)) events.onLog(text);
    };
    this.#events = events;
  }

  /** Decides about a commit of unknown fate by what the ledger has of its round. */
  settleDraw(bindingOf: (round: number) => Hex | undefined): void {
    const { maybeDrawn } = this;
    if (maybeDrawn === undefined) return;
    if (bindingOf(maybeDrawn.round) === maybeDrawn.binding) this.draw = maybeDrawn.draw;
    this.maybeDrawn = undefined;
  }

  send(message: ToAgent): void {
    if (message.kind === 'epoch') this.#given = Math.max(this.#given, message.number);
    this.handle?.send(message);
  }

  /** Undefined: it does not answer in time. A program that knows no requests is not asked. */
  ask(make: (request: number) => ToAgent): Promise<FromAgent | undefined> {
    const request = ++this.#requests;
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(undefined), ANSWER_WITHIN_MS);
      const done = (message: FromAgent | undefined): void => {
        clearTimeout(timer);
        this.#waiting.delete(request);
        resolve(message);
      };
      this.#waiting.set(request, done);
      this.send(make(request));
    });
  }

  /** Has it disclose what is behind a head that it has stated; its parts come to `onPart`, in order. */
  disclose(
    asked: Omit<Extract<ToAgent, { kind: 'disclose' }>, 'kind' | 'request'>,
    onPart: (part: DisclosedPart) => void,
  ): void {
    const request = ++this.#requests;
    this.#disclosing.set(request, { onPart, next: 0 });
    // Who asks does not wait for ever, and asks again: the oldest are forgotten.
    const [oldest] = this.#disclosing.keys();
    if (this.#disclosing.size > MOST_DISCLOSING && oldest !== undefined) this.#disclosing.delete(oldest);
    this.send({ kind: 'disclose', request, ...asked });
  }

  #onPart({ request, index, of, part }: Extract<FromAgent, { kind: 'disclosed' }>): void {
    const known = this.#disclosing.get(request);
    if (known === undefined) return;
    const isNext = index === known.next++ && index < of && of <= MOST_PARTS;
    if (!isNext || index === of - 1) this.#disclosing.delete(request);
    if (isNext) known.onPart({ index, of, part });
  }

  take(line: unknown): void {
    const parsed = FromAgentSchema.safeParse(line);
    if (!parsed.success) {
      this.#onLog('its agent says what nobody understands');
      return;
    }
    const message = parsed.data;
    switch (message.kind) {
      case 'hello':
        // Its keys are those that it was born with: others would be attested under the trust in these.
        if (this.#named) {
          this.#onLog('its agent names its keys a second time: not taken');
          return;
        }
        this.#named = true;
        this.kemKey = message.kemKey;
        this.frameKey = message.frameKey;
        return;
      case 'epoch-held': {
        // What it has not been given it does not hold, whatever it says.
        if (message.number > this.#given) return;
        const first = this.held === 0;
        this.held = Math.max(this.held, message.number);
        this.#events.onHeld(message.number, first);
        return;
      }
      case 'epoch-refused':
        // Once for each that it was given.
        if (message.number !== this.#given || message.number <= this.#refused) return;
        this.#refused = message.number;
        this.#events.onEpochRefused(message.number);
        return;
      case 'log':
        this.#onLog(message.text);
        return;
      case 'disclosed':
        this.#onPart(message);
        return;
      case 'evidence':
      case 'epoch-sealed':
      case 'pong':
        this.#waiting.get(message.request)?.(message);
        return;
      default:
        message satisfies never;
    }
  }

  async end(source: EvidenceSource): Promise<void> {
    this.ended = true;
    for (const done of this.#waiting.values()) done(undefined);
    if (this.handle !== undefined) await source.stop(this.handle);
  }
}
