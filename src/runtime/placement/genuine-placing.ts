import type { Action } from '../../core/bdi/plan.ts';
import type { Topology } from '../../core/placement/topology.ts';
import { topologyOf } from '../../core/placement/topology.ts';
import type { Timer } from '../../ports/clock.ts';
import type { AgentId, NodeName } from '../../protocol/ids.ts';
import type { Improvement, PlacedService, Wishes } from '../../protocol/placed-service.ts';
import { ImprovementSchema } from '../../protocol/placed-service.ts';
import type { Placing, PlacingWish } from '../../protocol/placing.ts';
import type { ServiceGraph } from '../../protocol/service-graph.ts';
import type { AskedWishesOptions, WishEnd } from './asked-wishes.ts';
import { AskedWishes } from './asked-wishes.ts';
import { BookKeepers, SETTLED_WITHIN_MS } from './book-keepers.ts';
import { BookedServices } from './booked-services.ts';
import type { Answer, PlacingAgents } from './placing-agents.ts';
import { unmoved, whyNotAnswer } from './why-not-answer.ts';

/** Bargaining, with all its attempts and its turn behind other services. */
const CARRIED_OUT_WITHIN_MS = 60_000;
/** How long a wish waits for an agent that may act. */
const TAKEN_WITHIN_MS = 30_000;
/** Agents that may be lost over one wish before it is given up. */
const MOST_AGENTS = 3;

export interface GenuinePlacingOptions extends AskedWishesOptions {
  readonly placing: Placing;
  /** Whether an agent is attested now: what it says is carried by nobody else. */
  mayAct(agent: AgentId): boolean;
  /** Something that an operator should know of. */
  onFault(fault: string, subject: string, reason: string): void;
}

/** What somebody waits for. */
interface Job {
  readonly service: string;
  /** Sites that are cut off: their agents may act, and reach nobody. */
  readonly avoid: ReadonlySet<string>;
  /** Whether what is answered stands in the books from then on. */
  readonly books: boolean;
  /** `away`: sites whose agents cannot be asked now. */
  wish(placed: PlacedService | null, away: readonly NodeName[]): PlacingWish;
  /** Why that cannot be the answer; undefined: it can. */
  whyNot(placed: PlacedService | null): string | undefined;
  answered(end: Exclude<WishEnd, { kind: 'lost' }>): void;
  /** Agents that were lost over it. */
  readonly lost: Set<AgentId>;
  /** Agents that are told their books while it goes on: they are told at its end what it has booked. */
  readonly toTell: Set<AgentId>;
  patience: Timer | undefined;
}

/**
 * The agents of a substrate's sites, each an attested process of its own, as whoever wants services placed sees them. What stands in
 * their books is told to each new incarnation before its book opens. A wish whose agent ends, or is silent, goes to another one; the books
 * are settled first, so that nothing the first one has booked is left, and nothing that it still books is taken.
 */
export class GenuinePlacing implements PlacingAgents {
  readonly #options: GenuinePlacingOptions;
  readonly #topology: Topology;
  readonly #wishes: AskedWishes;
  readonly #booked: BookedServices;
  readonly #keepers: BookKeepers;
  readonly #busy = new Map<string, Job>();
  #waiting: Job[] = [];
  #turn = 0;

  constructor(options: GenuinePlacingOptions) {
    const { substrate, books } = options.placing;
    this.#options = options;
    this.#topology = topologyOf(substrate);
    this.#wishes = new AskedWishes(options);
    this.#booked = new BookedServices(this.#topology, books);
    this.#keepers = new BookKeepers({
      clock: options.clock,
      books,
      wishes: this.#wishes,
      booked: this.#booked,
      onFault: (...fault) => options.onFault(...fault),
      onStanding: () => this.#next(),
    });
  }

  apply(graph: ServiceGraph, answered: (answer: Answer) => void, wishes: Wishes = {}): void {
    const { service } = graph;
    const stays = new Set((wishes.keep ?? wishes.book)?.units.map(({ unit }) => unit) ?? []);
    this.#want({
      service,
      avoid: new Set(wishes.avoidSites),
      books: true,
      wish: (placed, away) => {
        const avoidSites = [...new Set([...(wishes.avoidSites ?? []), ...away])];
        // What is booked where it runs goes to all of its owners, whoever is away.
        const more =
          avoidSites.length === 0 || wishes.book !== undefined ? wishes : { ...wishes, avoidSites };
        const wish = Object.keys(more).length === 0 ? {} : { wishes: more };
        return { what: 'place', service, graph, placed, ...wish };
      },
      whyNot: (placed) => whyNotAnswer(placed, graph, stays, this.#topology, { leaving: wishes.leaving }),
      answered: (end) => answered(answerOf(end)),
    });
  }

  withdraw(service: string, answered: (error: string | undefined) => void = () => {}): void {
    this.#want({
      service,
      avoid: new Set(),
      books: true,
      wish: (placed) => ({ what: 'withdraw', service, placed: placed && this.#withoutAway(placed) }),
      whyNot: () => undefined,
      answered: (end) => answered(end.kind === 'granted' ? undefined : end.error),
    });
  }

  improve(service: string, improvement: Improvement, answered: (answer: Answer) => void): void {
    const { offer, ...terms } = ImprovementSchema.parse(improvement);
    this.#want({
      service,
      avoid: new Set(offer?.avoidSites),
      books: offer === undefined,
      wish: (placed, away) => {
        const avoidSites = [...new Set([...(offer?.avoidSites ?? []), ...away])];
        const asked = offer === undefined ? {} : { offer: { ...offer, avoidSites } };
        return { what: 'improve', service, improvement: { ...terms, ...asked }, placed };
      },
      whyNot: (placed) => {
        const before = this.#booked.placed(service);
        if (before === undefined) return 'it is not placed';
        // What has not moved is where it was told to be, whatever is wished now.
        const stays = unmoved(before.placement, placed?.placement);
        return whyNotAnswer(placed, before.graph, stays, this.#topology, { movable: offer?.movable });
      },
      answered: (end) => answered(answerOf(end)),
    });
  }

  stop(): void {
    this.#wishes.close();
    this.#keepers.close();
    for (const { patience } of this.#waiting) patience?.cancel();
    this.#waiting = [];
    this.#busy.clear();
  }

  /** Agents whose books are open, and that may act. */
  ready(): readonly AgentId[] {
    return this.#keepers.open().filter((agent) => this.#options.mayAct(agent));
  }

  /** Who looks after a service, or was asked last to place it. */
  orchestratorOf(service: string): AgentId | undefined {
    return this.#booked.orchestratorOf(service);
  }

  /** Whether nobody is being told what stands in its book. */
  isSettled(): boolean {
    return !this.#keepers.someSettle(true);
  }

  /** An incarnation of an agent is attested and knows nothing yet: it is told what stands in its book. Of others: nothing happens. */
  born(agent: AgentId): void {
    if (this.#keepers.siteOf(agent) === undefined) return;
    this.ended(agent);
    this.#tellAtEnd(agent);
    this.#keepers.tell(agent);
  }

  /** A site cannot be reached: its agent goes on, and is asked for nothing. What it had been asked goes to another one. */
  siteLost(site: string): void {
    const there = this.#keepers.all().filter((each) => each.site === site);
    for (const { agent } of there) this.ended(agent);
    const sites = [...new Set(there.map((each) => each.site))];
    if (sites.length === 0 || this.#busy.size === 0) return;
    for (const agent of this.ready()) {
      this.#wishes.ask(agent, { what: 'go-on-without', sites }, SETTLED_WITHIN_MS, () => {});
    }
  }

  /** A site can be reached again. Nobody waits for its agent, which may have ended meanwhile: its successor is told then. */
  siteBack(site: string): void {
    for (const { agent, site: its } of this.#keepers.all()) {
      if (its !== site || this.#keepers.isThere(agent) || !this.#options.mayAct(agent)) continue;
      this.#tellAtEnd(agent);
      this.#keepers.tellAgain(agent);
    }
  }

  /** An agent's process has ended, or another incarnation acts in its place. */
  ended(agent: AgentId): void {
    if (!this.#keepers.leave(agent)) return;
    this.#wishes.lose(agent);
    this.#next();
  }

  /** Takes the action by which an agent answers a wish; it has passed the fence of its site. A text: why it is not taken. */
  take(agent: AgentId, action: Action): string | undefined {
    const refused = this.#wishes.take(agent, action);
    if (refused === undefined) return undefined;
    this.#options.onFault('answer-refused', agent, refused);
    // What was given up may have been carried out all the same.
    const late = this.#wishes.takeLate(agent, action);
    if (late !== undefined) this.#settleAnew(late);
    return refused;
  }

  #want(wanted: Omit<Job, 'lost' | 'toTell' | 'patience'>): void {
    this.#wait({ ...wanted, lost: new Set(), toTell: new Set(), patience: undefined });
    this.#next();
  }

  #wait(job: Job): void {
    const { clock } = this.#options;
    job.patience = clock.at(clock.nowMs() + TAKEN_WITHIN_MS, () => {
      // Behind another wish for the same service it waits as long as that takes.
      if (!this.#waiting.includes(job) || this.#busy.has(job.service)) return;
      this.#waiting = this.#waiting.filter((each) => each !== job);
      job.answered({ kind: 'refused', error: 'no agent of a site may act now: see muster agent list' });
    });
    this.#waiting.push(job);
  }

  /** Asks what can be asked now: one thing after the other of each service, and nothing while a book is about to open. */
  #next(): void {
    if (this.#keepers.someSettle()) return;
    const held = new Set<string>();
    for (const job of this.#waiting) {
      const { service } = job;
      // What has been answered at once has called this again.
      if (!this.#waiting.includes(job)) continue;
      const isFirst = !held.has(service);
      held.add(service);
      const agent = isFirst && !this.#busy.has(service) ? this.#choose(job) : undefined;
      if (agent === undefined) continue;
      this.#waiting = this.#waiting.filter((each) => each !== job);
      job.patience?.cancel();
      this.#busy.set(service, job);
      const before = this.#booked.orchestratorOf(service) ?? agent;
      if (job.lost.size > 0 || before !== agent) this.#handOver(job, agent);
      else this.#ask(job, agent);
    }
  }

  /** Whoever looks after the service already, or the next one in turn; undefined: nobody may act. */
  #choose({ service, lost, avoid }: Job): AgentId | undefined {
    const ready = this.ready().filter((agent) => !avoid.has(this.#keepers.siteOf(agent) ?? ''));
    const before = this.#booked.orchestratorOf(service);
    if (before !== undefined && ready.includes(before) && !lost.has(before)) return before;
    const others = ready.filter((agent) => !lost.has(agent));
    const able = others.length > 0 ? others : ready;
    return able[this.#turn++ % Math.max(1, able.length)];
  }

  #ask(job: Job, agent: AgentId): void {
    const { service } = job;
    this.#booked.lookAfter(service, agent);
    job.toTell.clear();
    // They are told their books while this goes on.
    for (const each of this.#there()) if (!this.#keepers.isWaitedFor(each)) job.toTell.add(each);
    const ready = this.ready();
    const away = this.#keepers.all().flatMap(({ agent: each, site }) => (ready.includes(each) ? [] : [site]));
    const wish = job.wish(this.#booked.placed(service) ?? null, away);
    this.#wishes.ask(agent, wish, CARRIED_OUT_WITHIN_MS, (end) => this.#answered(job, agent, end));
  }

  #answered(job: Job, agent: AgentId, end: WishEnd): void {
    if (end.kind === 'refused') {
      this.#end(job, end);
      return;
    }
    const why = end.kind === 'lost' ? end.reason : job.whyNot(end.placed);
    if (end.kind === 'granted' && why === undefined) {
      if (job.books) this.#granted(job, end);
      else this.#end(job, end);
      return;
    }
    const fault = end.kind === 'lost' ? 'wish-lost' : 'answer-refused';
    this.#options.onFault(fault, agent, `${job.service}: ${why}`);
    job.lost.add(agent);
    if (job.lost.size >= MOST_AGENTS) {
      this.#end(job, { kind: 'refused', error: `no agent has carried it out; last: ${why}` });
      return;
    }
    this.#busy.delete(job.service);
    this.#wait(job);
    this.#next();
  }

  /**
   * Owners that have been told meanwhile what had been booked before are told again: what one has booked in an earlier life stands in its
   * book, what one has given back does not.
   */
  #granted(job: Job, end: Extract<WishEnd, { kind: 'granted' }>): void {
    const { service } = job;
    if (end.placed === null) this.#booked.forget(service);
    else this.#booked.keep(service, end.placed);
    const told = job.lost.size > 0 ? this.#there() : this.#there().filter((each) => job.toTell.has(each));
    this.#keepers.settle(told, service, (refused) => {
      if (refused === undefined || end.placed === null) {
        this.#end(job, end);
        return;
      }
      this.#busy.delete(service);
      const error = `what was booked for it is lost: ${refused}`;
      this.withdraw(service, () => job.answered({ kind: 'refused', error }));
    });
  }

  #end(job: Job, end: Exclude<WishEnd, { kind: 'lost' }>): void {
    if (this.#busy.get(job.service) === job) this.#busy.delete(job.service);
    job.answered(end);
    this.#next();
  }

  /** Another agent looks after the service from now on: all books are settled so before it is asked for anything. */
  #handOver(job: Job, agent: AgentId): void {
    const { service } = job;
    this.#booked.handOver(service, agent);
    const isCutOff = (each: AgentId) => job.avoid.has(this.#keepers.siteOf(each) ?? '');
    const cutOff = this.#there().filter(isCutOff);
    const reached = this.#there().filter((each) => !isCutOff(each));
    // Nothing is booked with them now: nobody waits for what they say.
    this.#keepers.settle(cutOff, service, () => {});
    this.#keepers.settle(reached, service, (refused) => {
      if (refused !== undefined) this.#options.onFault('book-not-settled', service, refused);
      this.#ask(job, agent);
    });
  }

  /** Nothing but what is known stays in any book for a service: at once, or when what is being booked for it is known. */
  #settleAnew(service: string): void {
    if (this.#booked.orchestratorOf(service) === undefined) return;
    const job = this.#busy.get(service);
    if (job !== undefined) {
      for (const agent of this.#there()) job.toTell.add(agent);
      return;
    }
    this.#keepers.settle(this.#there(), service, (refused) => {
      if (refused !== undefined) this.#options.onFault('book-not-settled', service, refused);
    });
  }

  #there(): readonly AgentId[] {
    return this.#keepers.all().flatMap(({ agent }) => (this.#keepers.isThere(agent) ? [agent] : []));
  }

  /** What is being booked now is told it again afterwards. */
  #tellAtEnd(agent: AgentId): void {
    for (const job of this.#busy.values()) job.toTell.add(agent);
  }

  /** Who is away, or just back, is told afterwards what it keeps. */
  #withoutAway(placed: PlacedService): PlacedService {
    const isWaitedFor = (agent: AgentId) => this.#keepers.isWaitedFor(agent);
    const bookings = placed.bookings.map((each) => ({ ...each, owners: each.owners.filter(isWaitedFor) }));
    return { ...placed, bookings };
  }
}

function answerOf(end: Exclude<WishEnd, { kind: 'lost' }>): Answer {
  if (end.kind === 'refused') return { ok: false, error: end.error };
  return end.placed === null ? { ok: false, error: 'nothing is placed' } : { ok: true, placed: end.placed };
}
