import { z } from 'zod';
import type { GoalArgs, GoalOutcome, GoalType } from '../../core/bdi/goal.ts';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import { ChainInitiator } from '../../core/negotiation/chain-initiator.ts';
import type { SiteAgent } from '../../core/negotiation/chain-round.ts';
import type { ChainOutcome, ChainOutput, ChainSpec, ChainTerms } from '../../core/negotiation/chain-spec.ts';
import { Deadlines } from '../../core/negotiation/deadlines.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import { SiteNews } from '../../core/negotiation/site-news.ts';
import { chainOf } from '../../core/placement/chain.ts';
import type { SubstrateView } from '../../core/placement/substrate-view.ts';
import { emptyView } from '../../core/placement/substrate-view.ts';
import type { Topology } from '../../core/placement/topology.ts';
import type { UnitGraph } from '../../core/placement/unit-graph.ts';
import { withSites } from '../../core/placement/with-sites.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import { NodeNameSchema } from '../../protocol/ids.ts';
import type { Json } from '../../protocol/journal.ts';
import type { PlacedService } from '../../protocol/placed-service.ts';
import { ImprovementSchema, PlacedServiceSchema, WishesSchema } from '../../protocol/placed-service.ts';
import { ServiceGraphSchema } from '../../protocol/service-graph.ts';
import type { Bargained } from './bargained.ts';
import { offeredBy, placedBy } from './bargained.ts';
import { readGraph } from './read-graph.ts';
import type { ReleasesSnapshot } from './releases.ts';
import { Releases } from './releases.ts';
import {
  bargainedWithout,
  bookingsReleased,
  chainAwarded,
  placedAt,
  unitsMoved,
} from './service-placement.ts';
import { reasonUnplaced, traceChains } from './traced-chains.ts';

export interface PlacementOptions {
  readonly topology: Topology;
  readonly terms: ChainTerms;
  /** The agents that keep books, whoever is there now. */
  readonly sites: () => readonly SiteAgent[];
}

/** A service that is being bargained for. */
interface Bargaining {
  readonly machine: ChainInitiator;
  readonly token: number;
  readonly goal: string;
  readonly args: GoalArgs;
  readonly graph: UnitGraph;
  /** The service as it is placed already, when it is bargained for again. */
  readonly placed: PlacedService | undefined;
  entry: Cause;
}

export interface PlacementSnapshot {
  /** Begun anew when restored: what had been held meanwhile runs out by itself. */
  readonly bargaining: readonly { readonly token: number; readonly goal: string; readonly args: GoalArgs }[];
  readonly releases: ReleasesSnapshot;
}

/** The agent's side of `service-placement` in the bargaining: one initiator a service, and bookings that are being given up. */
export class PlacementDesk {
  readonly #options: PlacementOptions;
  readonly #view: SubstrateView;
  readonly #news: SiteNews;
  readonly #bargaining = new Map<string, Bargaining>();
  readonly #deadlines = new Deadlines<Bargaining>();
  readonly #releases: Releases;
  /** Those whose turn has not come, in the order in which they were asked for. */
  readonly #waiting: Bargaining[] = [];
  #atWork = 0;
  #toBeginAnew: PlacementSnapshot['bargaining'] = [];

  constructor(options: PlacementOptions) {
    this.#options = options;
    this.#view = emptyView(options.topology);
    this.#news = new SiteNews(options.topology, this.#view);
    this.#releases = new Releases(this.#news, options.terms.replyWithinMs);
  }

  /** Bargains for a goal of `service-placement`; false: it is none. */
  auction(token: number, goal: GoalType, args: GoalArgs, because: Cause, host: NegotiationHost): boolean {
    switch (goal.name) {
      case chainAwarded.name:
        this.#place(token, goal.name, args, because, host);
        return true;
      case unitsMoved.name:
        this.#move(token, goal.name, args, because, host);
        return true;
      case bookingsReleased.name: {
        const placed = PlacedServiceSchema.safeParse(args['placed']);
        if (placed.success)
          this.#releases.open(conversationOf(token, host), placed.data.bookings, undefined, token, host);
        else host.resolve(token, { ok: false, error: 'what is to be withdrawn cannot be read' }, because);
        return true;
      }
      case bargainedWithout.name: {
        const sites = z.array(NodeNameSchema).safeParse(args['sites']);
        for (const bargaining of sites.success ? [...this.#bargaining.values()] : []) {
          const out: ChainOutput[] = [];
          bargaining.machine.without(sites.data ?? [], host.nowMs, out);
          this.#carryOut(bargaining, out, host);
        }
        host.resolve(token, { ok: true, value: null }, because);
        return true;
      }
      default:
        return false;
    }
  }

  onMessage(message: AclMessage, entry: Cause, host: NegotiationHost): Handling {
    const released = this.#releases.onMessage(message, entry, host);
    if (released !== undefined) return released;
    const bargaining = this.#bargaining.get(message.conversationId);
    if (bargaining === undefined) return 'late';
    bargaining.entry = entry || bargaining.entry;
    const out: ChainOutput[] = [];
    const handling = bargaining.machine.onMessage(message, host.nowMs, out);
    this.#carryOut(bargaining, out, host);
    return handling;
  }

  onTime(host: NegotiationHost): void {
    const again = this.#toBeginAnew;
    this.#toBeginAnew = [];
    for (const { token, goal, args } of again) {
      if (goal === unitsMoved.name) this.#move(token, goal, args, 0, host);
      else this.#place(token, goal, args, 0, host);
    }
    for (const bargaining of this.#deadlines.due(host.nowMs)) {
      const out: ChainOutput[] = [];
      bargaining.machine.onTime(host.nowMs, out);
      this.#carryOut(bargaining, out, host);
    }
    this.#releases.onTime(host);
  }

  nextDeadlineMs(): number {
    if (this.#toBeginAnew.length > 0) return Number.NEGATIVE_INFINITY;
    return Math.min(this.#deadlines.earliestMs(), this.#releases.nextDeadlineMs());
  }

  abort(token: number, reason: string, host: NegotiationHost): void {
    for (const bargaining of this.#bargaining.values()) {
      if (bargaining.token !== token) continue;
      const out: ChainOutput[] = [];
      bargaining.machine.cancel(reason, out);
      this.#carryOut(bargaining, out, host);
    }
  }

  snapshot(): PlacementSnapshot {
    const bargaining = [...this.#bargaining.values()].map(({ token, goal, args }) => ({ token, goal, args }));
    return { bargaining: [...this.#toBeginAnew, ...bargaining], releases: this.#releases.snapshot() };
  }

  restore({ bargaining, releases }: PlacementSnapshot): void {
    this.#toBeginAnew = bargaining;
    this.#releases.restore(releases);
  }

  #place(token: number, goal: string, args: GoalArgs, because: Cause, host: NegotiationHost): void {
    const parsed = ServiceGraphSchema.safeParse(args['graph']);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const error = `the service cannot be read: ${issue?.path.join('.')}: ${issue?.message}`;
      host.resolve(token, { ok: false, error }, because);
      return;
    }
    const wishes = WishesSchema.safeParse(args['wishes'] ?? {});
    const graph = readGraph(parsed.data, wishes.data?.keep);
    if (typeof graph === 'string' || !wishes.success) {
      const error = typeof graph === 'string' ? graph : 'what is to stay or to be avoided cannot be read';
      host.resolve(token, { ok: false, error }, because);
      return;
    }
    const { keep, book, avoidSites = [] } = wishes.data;
    const { topology } = this.#options;
    const chain = keep === undefined ? undefined : chainOf(keep, graph, topology);
    const exact = book === undefined ? undefined : chainOf(book, graph, topology);
    if ((keep !== undefined && chain === undefined) || (book !== undefined && exact === undefined)) {
      host.resolve(token, { ok: false, error: 'what is to stay is not placed on this substrate' }, because);
      return;
    }
    // Where both are given, what of the one is not in the other is booked beside it.
    const kept = {
      ...(chain === undefined ? {} : { again: { chain, budget: 0, makeRoom: false, saving: 0 } }),
      ...(exact === undefined ? {} : { book: exact }),
    };
    // What is booked for the units that do not stay is given up once the new ones are booked.
    const before = PlacedServiceSchema.safeParse(host.beliefs.value(placedAt, parsed.data.service));
    const placed = chain !== undefined && before.success ? before.data : undefined;
    this.#open({ token, goal, args, graph, placed, entry: because }, { ...kept, avoidSites }, host);
  }

  #move(token: number, goal: string, args: GoalArgs, because: Cause, host: NegotiationHost): void {
    const parsed = PlacedServiceSchema.safeParse(args['placed']);
    const improvement = ImprovementSchema.safeParse(args['improvement']);
    const may = improvement.data?.offer?.movable ?? [];
    const graph = parsed.success
      ? readGraph(withSites(parsed.data.graph, may))
      : 'what is placed cannot be read';
    if (!parsed.success || typeof graph === 'string') {
      host.resolve(token, { ok: false, error: String(graph) }, because);
      return;
    }
    const chain = chainOf(parsed.data.placement, graph, this.#options.topology);
    if (chain === undefined || !improvement.success) {
      const error = chain === undefined ? 'it is not placed on this substrate' : 'no unit may move';
      host.resolve(token, { ok: false, error }, because);
      return;
    }
    const { offer, ...terms } = improvement.data;
    const movable = graph.units.flatMap(({ id }, number) =>
      may.some(({ unit }) => unit === id) ? [number] : [],
    );
    const asked = offer === undefined ? {} : { offer: { movable: new Set(movable) } };
    this.#open(
      { token, goal, args, graph, placed: parsed.data, entry: because },
      { again: { chain, ...terms, ...asked }, avoidSites: offer?.avoidSites ?? [] },
      host,
    );
  }

  #open(
    begun: Omit<Bargaining, 'machine'>,
    { avoidSites = [], ...more }: Partial<Pick<ChainSpec, 'again' | 'avoidSites' | 'book'>>,
    host: NegotiationHost,
  ): void {
    const { terms, topology, sites } = this.#options;
    const conversationId = conversationOf(begun.token, host);
    const spec: ChainSpec = {
      conversationId,
      graph: begun.graph,
      participants: sites(),
      avoidSites,
      terms,
      explain: host.tracing,
      ...more,
    };
    const machine = new ChainInitiator(spec, { topology, view: this.#view, news: this.#news });
    const bargaining: Bargaining = { ...begun, machine };
    this.#bargaining.set(conversationId, bargaining);
    this.#waiting.push(bargaining);
    this.#beginNext(host);
  }

  #beginNext(host: NegotiationHost): void {
    while (this.#atWork < this.#options.terms.concurrent) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      if (next.machine.state === 'closed') continue;
      this.#atWork++;
      const out: ChainOutput[] = [];
      next.machine.open(host.nowMs, out);
      this.#carryOut(next, out, host);
    }
  }

  #carryOut(bargaining: Bargaining, out: readonly ChainOutput[], host: NegotiationHost): void {
    const { machine } = bargaining;
    const { conversationId } = machine.spec;
    for (const output of out) {
      switch (output.kind) {
        case 'send':
          host.send(output.message, [bargaining.entry]);
          break;
        case 'release':
          this.#releases.open(
            conversationId,
            [{ booking: output.booking, owners: [...output.owners], for: [] }],
            undefined,
            0,
            host,
          );
          break;
        case 'closed':
          this.#close(bargaining, output.outcome, host);
          break;
        default:
          output satisfies never;
      }
    }
    if (machine.state !== 'closed') this.#deadlines.set(bargaining, machine.deadlineMs);
  }

  #close(bargaining: Bargaining, outcome: ChainOutcome, host: NegotiationHost): void {
    const { machine, token, graph, placed } = bargaining;
    const { conversationId } = machine.spec;
    this.#bargaining.delete(conversationId);
    this.#deadlines.delete(bargaining);
    if (machine.attempts > 0) this.#atWork--;
    const { topology } = this.#options;
    if (host.tracing) {
      const because = bargaining.entry;
      for (const draft of traceChains(conversationId, graph, topology, outcome)) {
        bargaining.entry = host.trace([because], draft);
      }
    }
    const { spec, rounds, attempts } = machine;
    const bargained = { graph, topology, spec, before: placed, rounds, attempts };
    host.resolve(token, this.#result(bargained, outcome, host), bargaining.entry);
    this.#beginNext(host);
  }

  /** What is answered; what the service had booked where it does not run any more is given back from now on. */
  #result(bargained: Bargained, outcome: ChainOutcome, host: NegotiationHost): GoalOutcome {
    switch (outcome.kind) {
      case 'unplaced':
        return { ok: false, error: reasonUnplaced(outcome, bargained.graph) };
      case 'offered':
        // Plain data of a schema.
        return { ok: true, value: offeredBy(outcome, bargained) as Json };
      case 'placed': {
        const { placed, gone } = placedBy(outcome, bargained);
        const { conversationId } = bargained.spec;
        const before = bargained.before?.bookings ?? [];
        if (gone.length > 0) this.#releases.open(conversationId, before, gone, 0, host);
        return { ok: true, value: placed as Json };
      }
      default:
        return outcome satisfies never;
    }
  }
}

function conversationOf(token: number, host: NegotiationHost): string {
  return `${host.self}.${token}`;
}
