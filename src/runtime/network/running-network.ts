import { agentKeyOf } from '../../adapters/keys/hashing.ts';
import type { VirtualLinkPlane } from '../../ports/virtual-link-plane.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Timing } from '../../protocol/ledger.ts';
import type { Placing } from '../../protocol/placing.ts';
import type { FunctionSpec, Scenario } from '../../protocol/scenario.ts';
import type { Act } from '../action-runner.ts';
import { ActionRunner } from '../action-runner.ts';
import { AwardFence } from '../award-fence.ts';
import type { BuiltTestbed } from '../create-testbed.ts';
import type { AgentFleet } from '../fleet/agent-fleet.ts';
import type { GenuineFleet } from '../fleet/genuine-fleet.ts';
import { createGenuineFleet } from '../fleet/genuine-fleet.ts';
import { createLocalFleet } from '../fleet/local-fleet.ts';
import type { AgentImage } from '../genuine/agent-image.ts';
import type { Strictness } from '../genuine/pipeline-options.ts';
import type { JournalWriter } from '../journal-writer.ts';
import { Placements } from '../place-functions.ts';
import { GenuinePlacing } from '../placement/genuine-placing.ts';
import { joinedPlane } from '../service-links/joined-plane.ts';
import type { ServiceLinks } from '../service-links/service-links.ts';
import { type ServiceLinksGiven, serviceLinksFor } from '../service-links/service-links-for.ts';
import type { Operating } from './operator-blocks.ts';

/** A function that nobody has running by then is not placed: starting a server can take seconds on a busy machine. */
const PLACED_WITHIN_MS = 20_000;
/** An auction that ends without a bid, on a machine that is too busy to bid in time, is held again. */
const ASK_AGAIN_MS = 4000;
/** For all sites to open their books. */
const OPEN_WITHIN_MS = 10_000;

export interface NetworkOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly startMs: number;
  readonly genuine: boolean;
  readonly built: BuiltTestbed;
  readonly journal: JournalWriter;
  onPhase(text: string): void;
  /** Called before a message is delivered between agents of this process; false keeps it from its receiver. */
  onDeliver(message: AclMessage): boolean;
  /** Called before anything is done about what an agent wants done. */
  onAct?(agent: AgentId, action: Act['action']): void;
  /** Lets the clock run until that time. */
  pass(untilMs: number): Promise<void>;
  /** Present: the agents that it names keep the books of sites and place services. */
  readonly placing?: Placing;
  /** Deadlines and validity on the ledger, where not the usual ones. */
  readonly timing?: Timing;
  readonly strictness?: Strictness;
  /** How often each genuine agent is reborn, ms; 0: never; absent: every ten minutes. */
  readonly rebirthEveryMs?: number;
  /** What genuine agents are started from; absent: the agent process of this checkout. */
  readonly image?: AgentImage;
  readonly signal?: AbortSignal;
  /** See `PipelineOptions`. */
  onPulse?(site: string, silentMs: number | undefined): void;
}

/** A data plane with the agents that look after it: they place its functions by auction, and act on it. */
export class RunningNetwork {
  readonly placements: Placements;
  readonly fleet: AgentFleet;
  /** Undefined: the agents are in this process. */
  readonly genuine: GenuineFleet | undefined;
  /** Undefined: none of its agents places services. */
  readonly placing: GenuinePlacing | undefined;
  readonly #options: NetworkOptions;
  readonly #actions: ActionRunner;
  /** Those of services, while there are any. */
  #virtual: { readonly plane: VirtualLinkPlane; readonly links: ServiceLinks } | undefined;
  readonly #killed = new Set<AgentId>();
  #assigned = false;

  constructor(options: NetworkOptions) {
    this.#options = options;
    const { scenario, seed, startMs, built, journal, onPhase, onDeliver, signal } = options;
    const { clock, testbed, latencyMs } = built;
    this.placements = new Placements(scenario, testbed);
    const common = {
      scenario,
      startMs,
      clock,
      journal,
      onAct: (agent: AgentId, effect: Act) => {
        options.onAct?.(agent, effect.action);
        if (this.placing !== undefined && effect.action.kind === 'placing-answer')
          this.#takeAnswer(this.placing, agent, effect);
        else this.#actions.run(agent, effect);
      },
      onAbort: (agent: AgentId, token: number) => this.#actions.abort(agent, token),
    };
    const awards = options.genuine ? new AwardFence(clock) : undefined;
    this.genuine = options.genuine
      ? createGenuineFleet({
          ...common,
          plane: built.plane,
          onAward: (agent, word) => {
            const reason = awards?.hear(agent, word);
            if (reason === undefined) return;
            journal.record(clock.nowMs(), {
              kind: 'fault',
              because: [],
              fault: 'award-refused',
              subject: agent,
              reason,
            });
          },
          zeroNs: () => built.zeroNs() ?? 0n,
          onPhase,
          onPulse: (site, silentMs) => options.onPulse?.(site, silentMs),
          onEnd: (agent) => this.#onEnd(agent),
          onReborn: (agent) => this.#onReborn(agent),
          ...(options.placing === undefined ? {} : { placing: options.placing }),
          ...(signal === undefined ? {} : { signal }),
          ...(options.timing === undefined ? {} : { timing: options.timing }),
          ...(options.strictness === undefined ? {} : { strictness: options.strictness }),
          ...(options.rebirthEveryMs === undefined ? {} : { rebirthEveryMs: options.rebirthEveryMs }),
          ...(options.image === undefined ? {} : { image: options.image }),
        })
      : undefined;
    const { placing } = options;
    this.fleet = this.genuine ?? createLocalFleet({ ...common, seed, latencyMs, onDeliver, placing });
    this.placing = this.#openPlacing();
    this.#actions = new ActionRunner({
      clock,
      plane: joinedPlane(testbed.plane, () => this.#virtual?.plane),
      journal,
      ...(awards === undefined ? {} : { awards }),
      answer: (agent, token, outcome) => this.fleet.post(agent, { kind: 'result', token, outcome }),
      perceive: (agent, topic, subject, value) =>
        this.fleet.post(agent, { kind: 'percept', topic, subject, value }),
      place: (agent, name, signal, done) => {
        const host = this.fleet.specs.find((each) => each.name === agent)?.host;
        if (host === undefined) done({ ok: false, error: `${agent} has no host` });
        else
          this.placements.place(agent, host, name, signal, (outcome) => {
            done(outcome);
            if (outcome.ok && this.#assigned) this.assign(name);
          });
      },
    });
  }

  async start(): Promise<void> {
    const { built, onPhase } = this.#options;
    onPhase('building the network');
    const building = built.testbed.build();
    // Processes that are attested take their time, and need nothing of it yet.
    if (this.genuine === undefined) await building;
    await Promise.all([building, this.fleet.start()]);
    await this.#catchUp();
    for (const { name } of this.fleet.specs) this.#describeHost(name);
    await this.#openBooks();
    if (this.#options.scenario.functions.length === 0) return;
    onPhase('agents place the functions by auction');
    await this.#place();
  }

  #openPlacing(): GenuinePlacing | undefined {
    const { placing, built, journal } = this.#options;
    const { fleet } = this;
    if (placing === undefined) return undefined;
    const { clock } = built;
    return new GenuinePlacing({
      placing,
      clock,
      post: (agent, event) => fleet.post(agent, event),
      mayAct: (agent) => this.#mayAct(agent),
      onFault: (fault, subject, reason) =>
        journal.record(clock.nowMs(), { kind: 'fault', because: [], fault, subject, reason }),
    });
  }

  /** Nothing stands in them yet. Who is not ready by then may be later: services are placed without its site until it is. */
  async #openBooks(): Promise<void> {
    const { placing } = this;
    const { built, pass, onPhase } = this.#options;
    if (placing === undefined) return;
    const { clock } = built;
    const names = this.fleet.specs.map(({ name }) => name);
    for (const name of names) placing.born(name);
    const untilMs = clock.nowMs() + OPEN_WITHIN_MS;
    while (!placing.isSettled() && clock.nowMs() < untilMs) await pass(clock.nowMs() + 20);
    onPhase(`${placing.ready().length} sites keep their books`);
  }

  #takeAnswer(placing: GenuinePlacing, agent: AgentId, { action, entry, reason }: Act): void {
    const { built, journal } = this.#options;
    const refused = placing.take(agent, action);
    journal.record(built.clock.nowMs(), {
      kind: 'action',
      because: entry === 0 ? [] : [`${agent}:${entry}`],
      action: action.kind,
      target: String(action['service'] || agent),
      rule: null,
      status: refused === undefined ? 'done' : 'failed',
      detail: { wish: action['wish'] ?? null, ok: action['ok'] ?? null },
      reason: refused ?? (typeof action['error'] === 'string' ? action['error'] : reason),
    });
  }

  /** Nobody has driven the clock while agents were attested: what it is behind must not count against them. */
  async #catchUp(): Promise<void> {
    const { built, pass } = this.#options;
    const zeroNs = built.zeroNs();
    if (zeroNs !== undefined) await pass(Number(process.hrtime.bigint() - zeroNs) / 1e6);
  }

  /** Ends an agent without notice. */
  kill(agent: AgentId): void {
    this.#killed.add(agent);
    this.fleet.kill(agent);
    this.#actions.forget(agent);
  }

  /** What an operator does on the network, past all bargaining. */
  get operating(): Operating {
    const plane = joinedPlane(this.#options.built.testbed.plane, () => this.#virtual?.plane);
    return { plane, operate: (command, reason) => this.#actions.operate(command, reason) };
  }

  /** Tells whoever monitors a link what to watch, and what to do; `only`: the monitor of that name. */
  assign(only?: string): void {
    this.#assigned = true;
    const limiter = this.#options.scenario.functions.find((each) => each.kind === 'rate-limiter');
    for (const { spec, placement } of this.placements.ofKind('link-monitor')) {
      if (spec.kind !== 'link-monitor' || (only !== undefined && spec.name !== only)) continue;
      const link = this.placements.watchedLink(spec.watch);
      if (link === undefined)
        throw new MusterError('BAD_SCENARIO', `${spec.name} watches ${spec.watch}, which is not placed`);
      this.fleet.post(placement.agent, {
        kind: 'percept',
        topic: 'assigned',
        subject: link,
        value: {
          thresholdBytesPerSec: spec.thresholdBytesPerSec,
          linkLimitBytesPerSec: limiter?.linkLimitBytesPerSec ?? 300_000,
          targetLimitBytesPerSec: limiter?.targetLimitBytesPerSec ?? 150_000,
          blockTtlMs: limiter?.blockTtlMs ?? 60_000,
        },
      });
    }
  }

  /** Host addresses on the data plane, and those of server functions under their own names. */
  addresses(): Readonly<Record<string, string>> {
    const { scenario, built } = this.#options;
    const { plane } = built.testbed;
    const addresses: Record<string, string> = {};
    for (const { name } of scenario.topology.hosts) {
      const address = plane.addressOf(name);
      if (address !== undefined) addresses[name] = address;
    }
    for (const { spec, placement } of this.placements.ofKind('web-server')) {
      const address = plane.addressOf(placement.host);
      if (address !== undefined) addresses[spec.name] = address;
    }
    return addresses;
  }

  /** Gives the virtual links of services to the agents that look after them, those that are there and those that come. */
  async openServiceLinks(given: ServiceLinksGiven): Promise<ServiceLinks> {
    const links = serviceLinksFor(this.fleet, this.#options.scenario, given);
    this.#virtual = { plane: given.plane, links };
    for (const { name } of this.fleet.specs) links.born(name);
    await links.sync();
    return links;
  }

  async close(): Promise<void> {
    this.placing?.stop();
    await this.#virtual?.links.close();
    await this.fleet.close();
    this.#actions.close();
  }

  /** An agent's process has ended: others bargain for what it looked after. */
  #onEnd(agent: AgentId): void {
    this.#actions.forget(agent);
    this.placing?.ended(agent);
    this.#virtual?.links.ended(agent);
    const released = this.placements.release(agent);
    // Where nobody may act now, the next that is born is asked.
    const asked = this.fleet.specs.find(
      ({ name, service }) => name !== agent && service === undefined && this.#mayAct(name),
    )?.name;
    if (asked === undefined) return;
    // It may have been the one that was asked for what others looked after.
    const wanted = this.#assigned ? this.#unplaced() : released;
    for (const spec of wanted) this.#want(asked, spec);
  }

  #mayAct(agent: AgentId): boolean {
    if (this.#killed.has(agent)) return false;
    return (
      this.genuine === undefined || this.genuine.pipeline.trust.attested(agentKeyOf(agent)) !== undefined
    );
  }

  #unplaced(): readonly FunctionSpec[] {
    return this.#options.scenario.functions.filter(({ name }) => this.placements.of(name) === undefined);
  }

  /** An agent has come, or come again: it may know what nobody knew who was there before. */
  #onReborn(agent: AgentId): void {
    this.#describeHost(agent);
    this.placing?.born(agent);
    this.#virtual?.links.born(agent);
    // Whoever looks after a service has no part in placing the functions of the network.
    const isOfService = this.fleet.specs.some((each) => each.name === agent && each.service !== undefined);
    if (!this.#assigned || isOfService) return;
    for (const spec of this.#unplaced()) this.#want(agent, spec);
  }

  #want(asked: AgentId, { name, kind, cpu, memoryGb }: FunctionSpec): void {
    const args = { name, kind, cpu, memoryGb };
    this.fleet.post(asked, { kind: 'goal', goal: 'functionWanted', args, from: 'operator' });
  }

  /** What runs on an agent's host already and is not ours. */
  #describeHost(agent: AgentId): void {
    const spec = this.fleet.specs.find((each) => each.name === agent);
    const host = this.#options.scenario.topology.hosts.find((each) => each.name === spec?.host);
    if (host === undefined) return;
    const { cpu, memoryGb } = host.background;
    this.fleet.post(agent, {
      kind: 'percept',
      topic: 'host-used',
      subject: 'self',
      value: { cpu: { used: cpu, total: host.cpu }, memoryGb: { used: memoryGb, total: host.memoryGb } },
    });
  }

  /** One function after the other, asked of the first agent: it opens the auction, all that could bid do. */
  async #place(): Promise<void> {
    const { built, pass } = this.#options;
    const { clock } = built;
    const asked = this.fleet.specs[0]?.name;
    if (asked === undefined) throw new MusterError('BAD_SCENARIO', 'the scenario has no agent');
    for (const spec of this.placements.inOrder()) {
      const { name, cpu, memoryGb } = spec;
      this.#want(asked, spec);
      let againMs = clock.nowMs() + ASK_AGAIN_MS;
      const deadlineMs = clock.nowMs() + PLACED_WITHIN_MS;
      while (!this.placements.isRunning(name)) {
        if (clock.nowMs() > deadlineMs) {
          throw new MusterError('UNSATISFIED', `no agent has taken ${name} (${cpu} CPU, ${memoryGb} GiB)`, {
            hint: 'give a host of the topology enough room, or lower the demand of the function',
          });
        }
        if (clock.nowMs() > againMs) {
          againMs += ASK_AGAIN_MS;
          this.#want(asked, spec);
        }
        await pass(clock.nowMs() + 20);
      }
    }
    await pass(clock.nowMs() + 200);
  }
}
