import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SiteBus } from '../../adapters/bus-site/site-bus.ts';
import { createSiteBus } from '../../adapters/bus-site/site-bus.ts';
import { createRealClock } from '../../adapters/clock-real/real-clock.ts';
import { FrameCipher } from '../../adapters/keys/frame-cipher.ts';
import type { KemKey } from '../../adapters/keys/kem-key.ts';
import type { SigningKey } from '../../adapters/keys/signing-key.ts';
import type { AgentEvent, Effect } from '../../core/bdi/event.ts';
import { toJournalEntry } from '../../core/bdi/trace.ts';
import type { AgentConfig, FromAgent, PeerRecord, ToAgent } from '../../protocol/agent-control.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { Command, FromDaemon } from '../../protocol/site-link.ts';
import type { CycleInput } from '../agent-host.ts';
import { AgentHost } from '../agent-host.ts';
import type { BuiltAgent } from '../build-agent.ts';
import { agentBuilder } from '../build-agent.ts';
import { DecisionLog } from '../decisions/decision-log.ts';
import { disclose } from '../decisions/disclose.ts';
import type { Decision } from '../decisions/outputs.ts';
import { commandOf } from '../decisions/outputs.ts';
import { rolesOf } from '../fleet/roles-of.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import { wordOf } from './award-word.ts';
import { DaemonLink } from './daemon-link.ts';
import { openEpochEnvelope } from './epoch-envelope.ts';
import { inShort } from './in-short.ts';
import { TelemetrySender } from './telemetry.ts';
import { VitalSigns } from './vitals.ts';

/** How long after an event the agent's next cycle begins, ms. */
const THINK_MS = 1;

export interface RunningAgentOptions {
  readonly signingKey: SigningKey;
  readonly kemKey: KemKey;
  /** The connection to the site daemon that the guard has opened. */
  readonly daemon: Socket;
  send(message: FromAgent): void;
}

/** One agent that has been told what it is: thinks once its daemon has taken it in and it holds the group's key, and says what it decides. */
export class RunningAgent {
  readonly #config: AgentConfig;
  readonly #options: RunningAgentOptions;
  readonly #cipher: FrameCipher;
  readonly #bus: SiteBus;
  readonly #link: DaemonLink;
  readonly #clock;
  readonly #host: AgentHost;
  readonly #built: BuiltAgent;
  readonly #telemetry: TelemetrySender;
  readonly #vitals = new VitalSigns();
  #welcome = false;
  #thinking = false;
  #refusedFrames = 0;
  /** Absent: nobody executes its decisions again. */
  readonly #log: DecisionLog | undefined;
  /** Whatever is said now comes from it; absent: nobody executes it again. */
  #decision: Decision | undefined;
  /** What came before the agent was ready to think. */
  #early: AgentEvent[] = [];

  constructor(config: AgentConfig, options: RunningAgentOptions) {
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
      origin: () => this.#decision,
      onUnsent: (to, decision, said) => this.#link.send({ kind: 'unsent', to, decision, said }),
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
    this.#log = config.draws === 0 ? undefined : new DecisionLog({ pending: () => this.#host.pending(self) });
    const build = agentBuilder(config, {
      startMs,
      sinkOf: () => ({
        push: (traced) => {
          const entry = toJournalEntry(self, traced);
          this.#telemetry.entry(config.placing === undefined ? entry : inShort(entry));
        },
      }),
      secret,
      onNonce: (conversation, nonce) => this.#log?.nonce(conversation, nonce),
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
        const vitals = this.#vitals.read(agent.state.counters);
        return { sent, received, refusedFrames: this.#refusedFrames, roles: [...rolesOf(agent)], vitals };
      },
    });
    this.#log?.begin(agent);
    const bus = this.#bus;
    this.#host = new AgentHost({
      clock: this.#clock,
      bus: {
        ...bus,
        send: (message) => {
          // Ahead of the award itself: what its holder asks for then is judged by it.
          const word = wordOf(message);
          if (word !== undefined) this.#command(word);
          bus.send(message);
        },
      },
      thinkMs: THINK_MS,
      onAct: (_, effect) => this.#act(effect),
      onAbort: (_, token) => this.#command({ kind: 'abort', token }),
      onCycle: (input) => {
        const isFirst = agent.state.counters.cycles === 0;
        // Of a network that places services nobody keeps a recording: what came in would be as much as all else together.
        const told = config.placing === undefined ? input : { ...input, events: [] };
        this.#telemetry.input(isFirst ? { ...told, born: { startMs, secret } } : told);
      },
      onDecided: (input, effects) => this.#decided(input, effects),
      onReacted: (latencyMs) => this.#vitals.decided(latencyMs),
      onDeliver: () => true,
      onRefused: (_, event) => options.send({ kind: 'log', text: `mailbox full: ${event.kind} refused` }),
    });
  }

  /** The head over what it has decided until now; the daemon of its site is told, so that it keeps what it has seen by now. */
  head(): Hex {
    const head = this.#log?.head();
    if (head !== undefined) this.#link.mark(head);
    return head ?? ZERO;
  }

  settle(head: Hex): void {
    this.#log?.settle(head);
    if (!this.#thinking || this.#host.isRunning(this.#config.name) || this.#log?.isFull() === true) return;
    this.#host.add(this.#built.agent);
  }

  async disclose({ request, ...asked }: Extract<ToAgent, { kind: 'disclose' }>): Promise<void> {
    const { send } = this.#options;
    const log = this.#log;
    const parts = log === undefined ? undefined : await disclose(log, asked, this.#config.draws);
    if (parts === undefined) send({ kind: 'disclosed', request, index: 0, of: 0, part: '' });
    for (const [index, part] of (parts ?? []).entries())
      send({ kind: 'disclosed', request, index, of: parts?.length ?? 0, part });
  }

  setZero(zeroNs: bigint): void {
    this.#clock.setZeroNs(zeroNs);
  }

  setAgents(agents: readonly AgentSpec[]): void {
    this.#log?.setAgents(agents);
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
    const { kemKey, send } = this.#options;
    const key = await openEpochEnvelope(sealed, context, { kemKey, key: this.#config.key });
    if (key === undefined) {
      send({ kind: 'epoch-refused', number });
      return;
    }
    this.#cipher.rotate(number, key, grace);
    key.fill(0);
    send({ kind: 'epoch-held', number });
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
    const { token } = effect;
    const sent = this.#command(commandOf(effect));
    if (sent || token === 0) return;
    this.#post({ kind: 'result', token, outcome: { ok: false, error: 'no connection to the site daemon' } });
  }

  #command(what: Command['what']): boolean {
    return this.#link.command(this.#cipher.epoch ?? 0, this.#decision?.number ?? 0, what);
  }

  #decided(input: CycleInput, effects: readonly Effect[]): void {
    this.#decision = this.#log?.decided(input, effects);
    if (this.#log?.isFull() !== true) return;
    // What nobody could execute again it must not decide.
    this.#options.send({
      kind: 'log',
      text: 'it decides nothing more until a round is passed: its log is full',
    });
    this.#host.stop(this.#config.name);
  }
}
