import { createVirtualClock } from '../../../adapters/clock-virtual/virtual-clock.ts';
import { PlacementModule } from '../../../capabilities/service-placement/placement-module.ts';
import type { AgentEvent } from '../../../core/bdi/event.ts';
import type { Action } from '../../../core/bdi/plan.ts';
import type { Booking } from '../../../core/placement/book.ts';
import type { Bus } from '../../../ports/bus.ts';
import type { AclMessage } from '../../../protocol/acl.ts';
import { MAX_MESSAGE_CHARS, parseAclMessage } from '../../../protocol/acl.ts';
import type { AgentId } from '../../../protocol/ids.ts';
import { messageText } from '../../../protocol/message-text.ts';
import type { Placing } from '../../../protocol/placing.ts';
import { MAX_SITE_MESSAGE_BYTES } from '../../../protocol/site-link.ts';
import type { Substrate } from '../../../protocol/substrate.ts';
import { AgentHost } from '../../agent-host.ts';
import type { BuiltAgent } from '../../build-agent.ts';
import { agentBuilder, agentSpecs } from '../../build-agent.ts';
import { GenuinePlacing } from '../genuine-placing.ts';
import { placingOf } from '../placing-of.ts';
import { siteScenario } from '../site-agents.ts';

const LATENCY_MS = 2;

/**
 * Agents of sites as they are in processes of their own, on a virtual clock: what they say goes as text, and is lost where a frame would
 * not hold it; each can end at any moment, and come back knowing nothing.
 */
export class SiteProcesses {
  readonly clock = createVirtualClock({ startAtMs: 0 });
  readonly placing: GenuinePlacing;
  readonly faults: string[] = [];
  /** Characters of the longest message of each performative. */
  readonly longest = new Map<string, number>();
  tooLong = 0;
  /** How often agents have been asked for something. */
  posted = 0;
  /** Actions of these agents get lost. */
  readonly mute = new Set<string>();
  /** What is said to these agents, and by them, waits until they can be reached again. */
  readonly #cut = new Map<string, (() => void)[]>();
  /** How long answers to wishes take to whoever waits for them. */
  answersAfterMs = LATENCY_MS;
  /** Called for each message before it is sent. */
  onSend: (message: AclMessage) => void = () => {};
  readonly agents: readonly AgentId[];
  readonly #terms: Placing;
  readonly #substrate: Substrate;
  readonly #host: AgentHost;
  readonly #living = new Map<AgentId, BuiltAgent>();
  readonly #lives = new Map<AgentId, number>();

  constructor(substrate: Substrate, terms?: Placing['terms']) {
    this.#substrate = substrate;
    this.#terms = placingOf(substrate, terms);
    this.agents = this.#terms.books.map(({ agent }) => agent);
    const { clock } = this;
    this.#host = new AgentHost({
      clock,
      bus: this.#bus(),
      thinkMs: 1,
      onAct: (agent, { action }) => {
        if (this.mute.has(agent)) return;
        const said = JSON.parse(JSON.stringify(action)) as Action;
        const afterMs = said['service'] === '' ? LATENCY_MS : this.answersAfterMs;
        this.#carry([agent], afterMs, () => this.placing.take(agent, said));
      },
      onAbort: () => {},
      onCycle: () => {},
      onDeliver: () => true,
      onRefused: (agent, event) => this.faults.push(`mailbox-full ${agent}: ${event.kind}`),
    });
    this.placing = new GenuinePlacing({
      placing: this.#terms,
      clock,
      post: (agent, event) => this.#post(agent, event),
      mayAct: (agent) => this.#living.has(agent),
      onFault: (fault, subject, reason) => this.faults.push(`${fault} ${subject}: ${reason}`),
    });
  }

  /** A new incarnation of each is attested, and told what stands in its book. */
  start(agents: readonly AgentId[] = this.agents): void {
    for (const agent of agents) this.startUntold(agent);
    for (const agent of agents) this.placing.born(agent);
  }

  /** Without anybody telling it what stands in its book. */
  startUntold(agent: AgentId): void {
    if (this.#living.has(agent)) this.#host.stop(agent);
    const life = (this.#lives.get(agent) ?? 0) + 1;
    this.#lives.set(agent, life);
    const scenario = siteScenario(this.#substrate);
    const agents = agentSpecs(scenario);
    const { topology, functions } = scenario;
    const pipeline = { agents, hosts: topology.hosts, functions, placing: this.#terms };
    const startMs = this.clock.nowMs();
    const sinkOf = () => ({ push: () => {} });
    const build = agentBuilder(pipeline, { startMs, sinkOf, secret: '', life });
    const spec = agents.find((each) => each.name === agent);
    if (spec === undefined) throw new Error(`no agent ${agent}`);
    const built = build(spec);
    this.#living.set(agent, built);
    this.#host.add(built.agent);
  }

  /** kill -9: its books are gone, and whoever supervises it hears of it a moment later. */
  kill(agent: AgentId, heardAfterMs = 5): void {
    this.#living.delete(agent);
    this.#host.stop(agent);
    this.clock.at(this.clock.nowMs() + heardAfterMs, () => this.placing.ended(agent));
  }

  /** Nobody reaches it any more, and it goes on. */
  cutOff(agent: AgentId): void {
    this.#cut.set(agent, []);
  }

  /** It is reached again, by all that has waited first. */
  reached(agent: AgentId): void {
    const waiting = this.#cut.get(agent) ?? [];
    this.#cut.delete(agent);
    for (const each of waiting) each();
  }

  run(ms: number): void {
    this.clock.runUntil(this.clock.nowMs() + ms);
  }

  bookings(agent: AgentId): readonly Booking[] {
    const negotiation = this.#living.get(agent)?.negotiation;
    return negotiation instanceof PlacementModule ? (negotiation.hosting?.bookings() ?? []) : [];
  }

  /** All that is booked: `SERVICE UNIT-OR-LINK at HOST-OR-LINK`, in order. */
  booked(): readonly string[] {
    return this.agents
      .flatMap((agent) => this.bookings(agent))
      .flatMap(({ service, reservation: { hosts, links } }) => [
        ...hosts.map((each) => `${service} ${each.for} at ${each.host}`),
        ...links.map((each) => `${service} ${each.for} at ${each.link}`),
      ])
      .sort();
  }

  #post(agent: AgentId, event: AgentEvent): void {
    this.posted++;
    const text = JSON.stringify(event);
    if (text.length > MAX_SITE_MESSAGE_BYTES) throw new Error(`${text.length} characters for ${agent}`);
    const life = this.#lives.get(agent);
    this.#carry([agent], LATENCY_MS, () => {
      if (this.#living.has(agent) && this.#lives.get(agent) === life)
        this.#host.post(agent, JSON.parse(text) as AgentEvent);
    });
  }

  /** Between what is outside and an agent, or between two of them. */
  #carry(ends: readonly AgentId[], afterMs: number, deliver: () => void): void {
    this.clock.at(this.clock.nowMs() + afterMs, () => {
      const cut = ends.find((each) => this.#cut.has(each));
      if (cut === undefined) deliver();
      else this.#cut.get(cut)?.push(() => this.#carry(ends, 0, deliver));
    });
  }

  #bus(): Bus {
    const receivers = new Map<AgentId, (message: AclMessage) => void>();
    return {
      attach: (agent, deliver) => {
        receivers.set(agent, deliver);
      },
      detach: (agent) => {
        receivers.delete(agent);
      },
      send: (message) => {
        this.onSend(message);
        const text = messageText(message);
        const { performative } = message;
        this.longest.set(performative, Math.max(text.length, this.longest.get(performative) ?? 0));
        if (text.length > MAX_MESSAGE_CHARS) {
          this.tooLong++;
          return;
        }
        const parsed = parseAclMessage(JSON.parse(text));
        if (!parsed.ok) throw new Error(parsed.error);
        const { sender, receiver } = message;
        this.#carry([sender, receiver], LATENCY_MS, () => receivers.get(receiver)?.(parsed.value));
      },
    };
  }
}
