import type { AclMessage, MessageDraft } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { Reservation } from '../../protocol/placement.ts';
import type { Chain } from '../placement/chain.ts';
import { differences } from '../placement/chain.ts';
import type { ChainSearch } from '../placement/chain-search.ts';
import { lackInView } from '../placement/lack-in-view.ts';
import { lackInWords } from '../placement/lacks-of.ts';
import { reservationsOf } from '../placement/reservations-of.ts';
import { beginSearch, weightsOf } from './begin-search.ts';
import type { BookingOutcome, OwnerOrder } from './booking-transaction.ts';
import { BookingTransaction } from './booking-transaction.ts';
import type { SiteAgent } from './chain-round.ts';
import { ChainRound } from './chain-round.ts';
import type { ChainContext, ChainOutcome, ChainOutput, ChainSpec } from './chain-spec.ts';
import type { Handling } from './initiator.ts';
import { tieBreak } from './tie-break.ts';

/** Characters of what one owner is to keep, as JSON: it goes in one message. */
const MAX_HOLD_CHARS = 60_000;

/**
 * The orchestrating agent's side of placing one service: an iterated Contract Net (FIPA SC00030H), each round of which puts up the
 * next unit of every chain; then the cheapest chain is booked at all owners of what it takes. A hold that is refused gives the booking
 * up and goes on with the next cheapest chain; when none is left it begins anew, with what it has learned. It closes exactly once.
 */
export class ChainInitiator {
  readonly spec: ChainSpec;
  readonly #context: ChainContext;
  state: 'bidding' | 'booking' | 'waiting' | 'closed' = 'waiting';
  /** Rounds opened and bookings tried, over all attempts. */
  rounds = 0;
  bookings = 0;
  attempts = 0;
  #search: ChainSearch | undefined;
  #round: ChainRound | undefined;
  #transaction: BookingTransaction | undefined;
  #present: readonly SiteAgent[];
  #bidders: readonly AgentId[] = [];
  /** Sites whose agents have been silent, or are known to be out of reach: they are not waited for again. */
  readonly #silent = new Set<string>();
  #left: readonly Chain[] = [];
  #booked: Chain | undefined;
  #againMs = Number.POSITIVE_INFINITY;
  #refusal = '';

  constructor(spec: ChainSpec, context: ChainContext) {
    this.spec = spec;
    this.#context = context;
    this.#present = this.#asked();
  }

  get deadlineMs(): number {
    const { state } = this;
    if (state === 'bidding') return this.#round?.deadlineMs ?? Number.POSITIVE_INFINITY;
    if (state === 'booking') return this.#transaction?.deadlineMs ?? Number.POSITIVE_INFINITY;
    return state === 'waiting' ? this.#againMs : Number.POSITIVE_INFINITY;
  }

  open(nowMs: number, out: ChainOutput[]): void {
    this.attempts++;
    this.#present = this.#asked();
    const settled = settledChain(this.spec);
    if (settled === undefined) {
      const avoidSites = [...this.spec.avoidSites, ...this.#silent];
      this.#search = beginSearch({ ...this.spec, avoidSites }, this.#context);
      this.#nextRound(nowMs, out);
    } else {
      this.#left = [settled];
      this.#bookNext(nowMs, out);
    }
  }

  onMessage(message: AclMessage, nowMs: number, out: ChainOutput[]): Handling {
    if (message.performative === 'propose' || message.performative === 'refuse') {
      if (this.#round === undefined) return 'late';
      const handling = this.#round.onMessage(message);
      if (this.state === 'bidding' && this.#round.over) this.#roundIsOver(nowMs, out);
      return handling;
    }
    if (message.performative !== 'inform' && message.performative !== 'failure') return 'wrong-state';
    if (this.#transaction === undefined) return 'late';
    const sent: MessageDraft[] = [];
    const handling = this.#transaction.onMessage(message, nowMs, sent);
    this.#send(sent, out);
    this.#lookAtBooking(nowMs, out);
    return handling;
  }

  onTime(nowMs: number, out: ChainOutput[]): void {
    if (nowMs < this.deadlineMs) return;
    const sent: MessageDraft[] = [];
    if (this.state === 'bidding') {
      this.#round?.onTime(nowMs, sent);
      this.#send(sent, out);
      if (this.#round?.over === true) this.#roundIsOver(nowMs, out);
    } else if (this.state === 'booking') {
      this.#transaction?.onTime(nowMs, sent);
      this.#send(sent, out);
      this.#lookAtBooking(nowMs, out);
    } else if (this.state === 'waiting') {
      this.#againMs = Number.POSITIVE_INFINITY;
      this.open(nowMs, out);
    }
  }

  /** Sites that nobody can reach: it goes on as if their agents had been silent after all tries. */
  without(sites: readonly string[], nowMs: number, out: ChainOutput[]): void {
    for (const site of sites) this.#silent.add(site);
    const gone = this.spec.participants.filter(({ site }) => sites.includes(site)).map(({ agent }) => agent);
    if (this.state === 'bidding') {
      this.#round?.without(gone);
      if (this.#round?.over === true) this.#roundIsOver(nowMs, out);
    } else if (this.state === 'booking') {
      this.#transaction?.without(gone);
      this.#lookAtBooking(nowMs, out);
    }
  }

  /** Nobody wants it any more: what is being booked is given up. */
  cancel(reason: string, out: ChainOutput[]): void {
    if (this.state === 'closed') return;
    if (this.state === 'booking') this.#giveUpBooking(out);
    this.#close({ kind: 'unplaced', reason, stuck: [], complete: [] }, out);
  }

  #asked(): readonly SiteAgent[] {
    const { participants, avoidSites } = this.spec;
    return participants.filter(({ site }) => !avoidSites.includes(site) && !this.#silent.has(site));
  }

  #nextRound(nowMs: number, out: ChainOutput[]): void {
    const { conversationId, graph, terms, explain } = this.spec;
    const tasks = this.#search?.tasks ?? [];
    if (tasks.length === 0 && this.spec.again?.offer !== undefined) {
      this.#offer(this.spec.again, out);
      return;
    }
    if (tasks.length === 0) {
      this.#left = this.#search?.complete() ?? [];
      this.#bookNext(nowMs, out);
      return;
    }
    this.state = 'bidding';
    const asked = this.#present.filter(({ site }) =>
      tasks.some(
        ({ unit, onlySite }) =>
          (onlySite === undefined || onlySite === site) &&
          (unit.sites.length === 0 || unit.sites.some((each) => each === site)),
      ),
    );
    const { replyWithinMs, tries } = terms;
    const { service } = graph.graph;
    const weights = weightsOf(this.spec);
    const round = this.rounds++;
    this.#round = new ChainRound(
      { conversationId, service, round, weights, explain, tasks, participants: asked, replyWithinMs, tries },
      this.#context.news,
    );
    const sent: MessageDraft[] = [];
    this.#round.open(nowMs, sent);
    this.#send(sent, out);
    if (this.#round.over) this.#roundIsOver(nowMs, out);
  }

  #offer({ chain: before, budget, saving }: NonNullable<ChainSpec['again']>, out: ChainOutput[]): void {
    const [chain = before] = this.#search?.complete() ?? [];
    const moves = this.#search?.moves ?? new Map();
    this.#close({ kind: 'offered', before, chain, budget, saving, moves }, out);
  }

  #roundIsOver(nowMs: number, out: ChainOutput[]): void {
    const round = this.#round;
    if (round === undefined) return;
    for (const site of round.silent()) this.#silent.add(site);
    this.#present = this.#present.filter(({ site }) => !this.#silent.has(site));
    this.#bidders = round.bidders();
    this.#search?.take(round.answers());
    this.#nextRound(nowMs, out);
  }

  #bookNext(nowMs: number, out: ChainOutput[]): void {
    const { topology } = this.#context;
    for (;;) {
      const [chain, ...others] = this.#left;
      this.#left = others;
      if (chain === undefined) {
        this.#beginAnew(nowMs, out);
        return;
      }
      const { graph, again } = this.spec;
      // Make before break: what is new is booked beside what is there, which its owner gives up afterwards.
      const part = again === undefined ? undefined : differences(again.chain, chain);
      const reservations = reservationsOf(chain, graph, topology, part);
      const silent = [...reservations.keys()].find((site) => this.#silent.has(site));
      // Who has not bargained for it has heard nothing of these hosts and links lately: their owners know.
      const asks = settledChain(this.spec) !== undefined;
      const lack =
        silent !== undefined
          ? `the agent of ${silent} is silent`
          : asks
            ? undefined
            : lackInView(reservations, topology, this.#context.view);
      if (lack !== undefined) {
        this.#refusal = lack;
        continue;
      }
      this.#book(chain, reservations, nowMs, out);
      return;
    }
  }

  #book(
    chain: Chain,
    reservations: ReadonlyMap<string, Reservation>,
    nowMs: number,
    out: ChainOutput[],
  ): void {
    const { conversationId, graph, terms, participants } = this.spec;
    const agents = new Map(participants.map(({ site, agent }) => [site, agent]));
    const owners: OwnerOrder[] = [];
    for (const [site, reservation] of reservations) {
      const agent = agents.get(site);
      if (agent === undefined) {
        this.#refusal = `nobody keeps the book of ${site}`;
        this.#bookNext(nowMs, out);
        return;
      }
      if (JSON.stringify(reservation).length > MAX_HOLD_CHARS) {
        this.#refusal = `what ${site} would keep is more than a message holds`;
        this.#bookNext(nowMs, out);
        return;
      }
      owners.push({ agent, reservation });
    }
    this.state = 'booking';
    this.#booked = chain;
    const { leaseMs, replyWithinMs, tries } = terms;
    const booking = `${conversationId}#${this.bookings++}`;
    const { service } = graph.graph;
    this.#transaction = new BookingTransaction(
      { booking, service, conversationId, owners, leaseMs, replyWithinMs, tries },
      this.#context.news,
    );
    const sent: MessageDraft[] = [];
    this.#transaction.open(nowMs, sent);
    this.#send(sent, out);
    this.#lookAtBooking(nowMs, out);
  }

  #lookAtBooking(nowMs: number, out: ChainOutput[]): void {
    const outcome: BookingOutcome | undefined = this.#transaction?.outcome;
    const chain = this.#booked;
    const spec = this.#transaction?.spec;
    if (this.state !== 'booking' || outcome === undefined || chain === undefined || spec === undefined)
      return;
    if (outcome.kind === 'refused') {
      const lacking = outcome.lacks.map(lackInWords).join('; ');
      for (const { site, agent } of this.spec.participants) {
        if (outcome.silent && agent === outcome.agent) this.#silent.add(site);
      }
      this.#refusal = `${outcome.agent}: ${outcome.reason}${lacking === '' ? '' : ` (${lacking})`}`;
      this.#giveUpBooking(out);
      this.#bookNext(nowMs, out);
      return;
    }
    const owners = spec.owners.map(({ agent }) => agent);
    this.#close({ kind: 'placed', chain, others: this.#left, booking: spec.booking, owners }, out);
  }

  #giveUpBooking(out: ChainOutput[]): void {
    const spec = this.#transaction?.spec;
    if (spec === undefined) return;
    out.push({ kind: 'release', booking: spec.booking, owners: spec.owners.map(({ agent }) => agent) });
    this.#booked = undefined;
  }

  /** Those who have bid in the last round and got nothing are told so. */
  #rejectOthers(outcome: ChainOutcome, out: ChainOutput[]): void {
    const { conversationId } = this.spec;
    const owners = outcome.kind === 'placed' ? outcome.owners : [];
    const reason = REJECTED[outcome.kind];
    for (const receiver of this.#bidders) {
      if (owners.includes(receiver)) continue;
      const message = {
        performative: 'reject-proposal',
        receiver,
        conversationId,
        protocol: 'fipa-iterated-contract-net',
        content: { reason },
      } as const;
      out.push({ kind: 'send', message });
    }
  }

  /** All chains are gone: once more with fresher views, after a while that differs between those who are in each other's way. */
  #beginAnew(nowMs: number, out: ChainOutput[]): void {
    const { conversationId, terms } = this.spec;
    const settled = settledChain(this.spec);
    const complete = settled === undefined ? (this.#search?.complete() ?? []) : [settled];
    if (complete.length === 0 || this.attempts >= terms.attempts) {
      const stuck = this.#search?.stuck() ?? [];
      const reason =
        complete.length === 0
          ? 'no chain could be completed'
          : `what was offered had gone, ${this.attempts} times over; last ${this.#refusal}`;
      this.#close({ kind: 'unplaced', reason, stuck, complete }, out);
      return;
    }
    const spread = terms.backoffMs * 2 ** (this.attempts - 1);
    this.state = 'waiting';
    this.#againMs =
      nowMs + terms.backoffMs + (tieBreak(conversationId, String(this.attempts)) % 1000) * (spread / 1000);
  }

  #send(messages: readonly MessageDraft[], out: ChainOutput[]): void {
    for (const message of messages) out.push({ kind: 'send', message });
  }

  #close(outcome: ChainOutcome, out: ChainOutput[]): void {
    this.#rejectOthers(outcome, out);
    this.state = 'closed';
    this.#round = undefined;
    this.#transaction = undefined;
    this.#left = [];
    out.push({ kind: 'closed', outcome });
  }
}

/** What those who have bid and got nothing are told. */
const REJECTED: Readonly<Record<ChainOutcome['kind'], string>> = {
  placed: 'another chain was cheaper',
  offered: 'it was asked what it would cost: nothing is booked',
  unplaced: 'the service could not be placed',
};

/** What is to be booked without bargaining: it runs there, or nothing is added to what stays. */
function settledChain({ again, book, graph }: ChainSpec): Chain | undefined {
  if (book !== undefined) return book;
  const isWhole = again?.chain.places.size === graph.units.length;
  return again?.budget === 0 && isWhole ? again.chain : undefined;
}
