import { createHash, randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SiteBus } from '../../adapters/bus-site/site-bus.ts';
import { createSiteBus } from '../../adapters/bus-site/site-bus.ts';
import { createRealClock } from '../../adapters/clock-real/real-clock.ts';
import { FrameCipher } from '../../adapters/keys/frame-cipher.ts';
import { fromHex, toHex } from '../../adapters/keys/hex.ts';
import type { KemKey } from '../../adapters/keys/kem-key.ts';
import { sealTo } from '../../adapters/keys/kem-key.ts';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import type { AgentEvent, Effect } from '../../core/bdi/event.ts';
import { toJournalEntry } from '../../core/bdi/trace.ts';
import type { AgentConfig, FromAgent, PeerRecord, ToAgent } from '../../protocol/agent-control.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { FromDaemon } from '../../protocol/site-link.ts';
import { AgentHost } from '../agent-host.ts';
import type { BuiltAgent } from '../build-agent.ts';
import { agentBuilder } from '../build-agent.ts';
import { rolesOf } from '../fleet/roles-of.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import { DaemonLink } from './daemon-link.ts';
import { TelemetrySender } from './telemetry.ts';

/** How long after an event the agent's next cycle begins, ms. */
const THINK_MS = 1;
const EPOCH_KEY_BYTES = 32;
/** Encapsulated key, epoch key, tag. */
const ENVELOPE_BYTES = 32 + EPOCH_KEY_BYTES + 16;

export interface AgentProcessOptions {
  readonly signingKey: SigningKey;
  readonly kemKey: KemKey;
  /** The connection to the site daemon that the guard has opened. */
  readonly daemon: Socket;
  send(message: FromAgent): void;
}

/**
 * One agent in a process of its own. It thinks from the moment on at which its guard says that it is attested, the daemon of its
 * site has taken it in, and it holds the group's key; not before.
 */
export class AgentProcess {
  readonly #options: AgentProcessOptions;
  #running: Running | undefined;

  constructor(options: AgentProcessOptions) {
    this.#options = options;
  }

  take(message: ToAgent): void {
    const running = this.#running;
    switch (message.kind) {
      case 'start':
        this.#running ??= new Running(message.config, this.#options);
        return;
      case 'peers':
        running?.setPeers(message.peers);
        return;
      case 'epoch':
        void running?.takeEpoch(message);
        return;
      case 'seal-epoch':
        void this.#sealEpoch(message.request, message.context, message.peers);
        return;
      case 'evidence':
        this.#options.send({
          kind: 'evidence',
          request: message.request,
          decisionHead: running?.head() ?? ZERO,
        });
        return;
      case 'clock':
        running?.setZero(BigInt(message.zeroNs));
        return;
      case 'agents':
        running?.setAgents(message.agents);
        return;
      case 'ping':
        this.#options.send({ kind: 'pong', request: message.request });
        return;
      default:
        message satisfies never;
    }
  }

  /** The steward's part: a key that nobody else has drawn, sealed to each member. */
  async #sealEpoch(request: number, context: Hex, peers: readonly PeerRecord[]): Promise<void> {
    const key = randomBytes(EPOCH_KEY_BYTES);
    const envelopes: Hex[] = [];
    for (const peer of peers) {
      // A member may have named a key that nothing can be sealed to: it goes without, the others must not.
      const sealed = await sealTo(peer.kemKey, key, epochContext(context, peer.key)).catch(() =>
        randomBytes(ENVELOPE_BYTES),
      );
      envelopes.push(toHex(sealed));
    }
    key.fill(0);
    this.#options.send({ kind: 'epoch-sealed', request, envelopes });
  }
}

/** `context` names chain, contract, epoch and roster; the recipient makes it one envelope's own. */
function epochContext(context: Hex, recipient: Hex) {
  const bytes = Buffer.from(context.slice(2), 'hex');
  return { info: encodeCbor('muster epoch'), aad: encodeCbor([new Uint8Array(bytes), recipient]) };
}

class Running {
  readonly #config: AgentConfig;
  readonly #options: AgentProcessOptions;
  readonly #cipher: FrameCipher;
  readonly #bus: SiteBus;
  readonly #link: DaemonLink;
  readonly #clock;
  readonly #host: AgentHost;
  readonly #built: BuiltAgent;
  readonly #telemetry: TelemetrySender;
  #welcome = false;
  #thinking = false;
  #refusedFrames = 0;
  #head: Hex = ZERO;
  /** What came before the agent was ready to think. */
  #early: AgentEvent[] = [];

  constructor(config: AgentConfig, options: AgentProcessOptions) {
    this.#config = config;
    this.#options = options;
    const { signingKey } = options;
    const { name: self, incarnation, startMs } = config;
    this.#clock = createRealClock({ startAtMs: startMs });
    this.#clock.setZeroNs(BigInt(config.zeroNs));
    this.#cipher = new FrameCipher({ self, incarnation, signingKey, nowMs: monotonicMs });
    this.#link = new DaemonLink({
      config,
      socket: options.daemon,
      signingKey,
      onMessage: (message) => this.#fromDaemon(message),
      onWelcome: () => {
        this.#welcome = true;
        this.#thinkIfReady();
      },
      onRefused: (reason) => options.send({ kind: 'log', text: `refused by the site daemon: ${reason}` }),
    });
    this.#bus = createSiteBus({
      self,
      cipher: this.#cipher,
      carry: (to, frame) => this.#link.send({ kind: 'frame', to, frame }),
      onRefused: (refusal, from) => {
        this.#refusedFrames++;
        options.send({
          kind: 'log',
          text: `frame refused: ${refusal}${from === undefined ? '' : ` from ${from}`}`,
        });
      },
    });
    const spec = config.agents.find((each) => each.name === self);
    if (spec === undefined) throw new Error(`the configuration does not describe ${self}`);
    const secret = randomBytes(32).toString('hex');
    const build = agentBuilder(config, {
      startMs,
      sinkOf: () => ({ push: (entry) => this.#telemetry.entry(toJournalEntry(self, entry)) }),
      secret,
      life: incarnation,
    });
    this.#built = build(spec);
    const { agent } = this.#built;
    this.#telemetry = new TelemetrySender({
      config,
      signingKey,
      send: (sealed) => this.#link.send({ kind: 'telemetry', sealed }),
      counters: () => {
        const { sent, received } = agent.state.counters;
        return { sent, received, refusedFrames: this.#refusedFrames, roles: [...rolesOf(agent)] };
      },
    });
    this.#host = new AgentHost({
      clock: this.#clock,
      bus: this.#bus,
      thinkMs: THINK_MS,
      onAct: (_, effect) => this.#act(effect),
      onAbort: (_, token) => this.#link.command(this.#cipher.epoch ?? 0, { kind: 'abort', token }),
      onCycle: (input) => {
        this.#chain(input);
        const isFirst = agent.state.counters.cycles === 0;
        this.#telemetry.input(isFirst ? { ...input, born: { startMs, secret } } : input);
      },
      onDeliver: () => true,
      onRefused: (_, event) => options.send({ kind: 'log', text: `mailbox full: ${event.kind} refused` }),
    });
  }

  head(): Hex {
    return this.#head;
  }

  setZero(zeroNs: bigint): void {
    this.#clock.setZeroNs(zeroNs);
  }

  setAgents(agents: readonly AgentSpec[]): void {
    this.#built.setAgents(agents);
  }

  setPeers(peers: readonly PeerRecord[]): void {
    const nowMs = monotonicMs();
    this.#cipher.setPeers(
      new Map(
        peers.map(({ name, incarnation, frameKey, validForMs }) => [
          name,
          { incarnation, frameKey, validUntilMs: nowMs + validForMs },
        ]),
      ),
    );
    if (peers.some((each) => each.key === this.#config.key)) this.#link.greet();
  }

  async takeEpoch({ number, sealed, context, grace }: Extract<ToAgent, { kind: 'epoch' }>): Promise<void> {
    const envelope = fromHex(sealed, (sealed.length - 2) / 2);
    if (envelope === undefined) return;
    const key = await this.#options.kemKey.open(envelope, epochContext(context, this.#config.key));
    if (key?.length !== EPOCH_KEY_BYTES) {
      this.#options.send({ kind: 'epoch-refused', number });
      return;
    }
    this.#cipher.rotate(number, key, grace);
    key.fill(0);
    this.#options.send({ kind: 'epoch-held', number });
    this.#thinkIfReady();
  }

  #thinkIfReady(): void {
    if (this.#thinking || !this.#welcome || this.#cipher.epoch === undefined) return;
    this.#thinking = true;
    this.#host.add(this.#built.agent);
    for (const event of this.#early) this.#host.post(this.#config.name, event);
    this.#early = [];
  }

  #fromDaemon(message: FromDaemon): void {
    switch (message.kind) {
      case 'frame':
        this.#bus.receive(message.frame);
        return;
      case 'percept':
        this.#post({ ...message, kind: 'percept' });
        return;
      case 'result':
        this.#post({ kind: 'result', token: message.token, outcome: message.outcome });
        return;
      case 'goal':
        this.#post({ ...message, kind: 'goal' });
        return;
      default:
    }
  }

  #post(event: AgentEvent): void {
    if (this.#thinking) this.#host.post(this.#config.name, event);
    else if (this.#early.length < 1000) this.#early.push(event);
  }

  #act(effect: Extract<Effect, { kind: 'act' }>): void {
    const { token, entry, reason, action } = effect;
    const what = { kind: 'act', token, entry, reason, action } as const;
    const sent = this.#link.command(this.#cipher.epoch ?? 0, what);
    if (sent || token === 0) return;
    this.#post({ kind: 'result', token, outcome: { ok: false, error: 'no connection to the site daemon' } });
  }

  #chain(input: unknown): void {
    const hash = createHash('sha256').update(this.#head).update(JSON.stringify(input));
    this.#head = `0x${hash.digest('hex')}`;
  }
}
