import { z } from 'zod';
import { believe } from '../../core/bdi/belief.ts';
import type { GoalArgs, GoalOutcome, GoalType } from '../../core/bdi/goal.ts';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { Handled } from '../../core/negotiation/chain-participant.ts';
import { ChainParticipant } from '../../core/negotiation/chain-participant.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import { AgedDigest } from '../../core/placement/aged-digest.ts';
import type { Booking, BookSnapshot } from '../../core/placement/book.ts';
import { Book } from '../../core/placement/book.ts';
import { lackInWords } from '../../core/placement/lacks-of.ts';
import { emptyView, VERSIONS_OF_A_LIFE } from '../../core/placement/substrate-view.ts';
import type { Topology } from '../../core/placement/topology.ts';
import type { AclMessage } from '../../protocol/acl.ts';
import type { Demand } from '../../protocol/descriptors.ts';
import type { NodeName } from '../../protocol/ids.ts';
import { MAX_SETTLED, SettledSchema } from '../../protocol/placing.ts';
import { bookSettled, hostRoom } from './hosting.ts';

export interface HostingOptions {
  readonly topology: Topology;
  readonly site: NodeName;
  /** How old what is told of the book is, ms; default 0: as it is. */
  readonly digestAgeMs?: number;
  /** The agent may have kept the book before, and forgotten it: it stays closed until `bookSettled` says what stands in it. */
  readonly closed?: boolean;
  /** Which life of the agent it is, from 1: what others have heard of the book in earlier ones is older than all that it says now. */
  readonly life?: number;
}

const SettledListSchema = z.array(SettledSchema).max(MAX_SETTLED);

/** The agent's side of `hosting` in the bargaining: bids, and the book of its site. */
export class HostingDesk {
  readonly #options: HostingOptions;
  readonly #book: Book;
  readonly #participant: ChainParticipant;
  readonly #digest: AgedDigest;
  /** Of which service a booking is: also for the one that has just run out. */
  readonly #services = new Map<string, string>();

  constructor(options: HostingOptions, from?: BookSnapshot) {
    this.#options = options;
    const { topology, site, digestAgeMs = 0, closed = false, life = 1 } = options;
    const owned = {
      site,
      hosts: topology.hostsOfSite(site).flatMap((host) => topology.hosts[host] ?? []),
      links: topology.linksOfSite(site).flatMap((link) => topology.links[link] ?? []),
    };
    this.#book = new Book(owned, from, { closed, version: (life - 1) * VERSIONS_OF_A_LIFE });
    const digest = new AgedDigest(this.#book, digestAgeMs);
    this.#digest = digest;
    this.#participant = new ChainParticipant({
      topology,
      view: emptyView(topology),
      book: this.#book,
      digest: (nowMs) => digest.at(nowMs),
    });
    for (const { id, service } of this.#book.bookings()) this.#services.set(id, service);
  }

  bookings(): readonly Booking[] {
    return this.#book.bookings();
  }

  /** What of its hosts and links is free now. */
  get book(): Pick<Book, 'freeOfHost' | 'freeOfLink' | 'version' | 'owned'> {
    return this.#book;
  }

  onMessage(message: AclMessage, entry: Cause, host: NegotiationHost): Handling {
    const before = this.#book.version;
    const { handling, reply, change } = this.#participant.onMessage(message, host.nowMs);
    if (this.#book.version !== before) this.#digest.note(host.nowMs);
    const cause = change === undefined ? entry : this.#noteChange(change, entry, host);
    if (reply !== undefined) host.send(reply, [cause]);
    return handling;
  }

  /** Settles what stands in the book, where that is the goal; false: it is another. */
  auction(token: number, goal: GoalType, args: GoalArgs, because: Cause, host: NegotiationHost): boolean {
    if (goal.name !== bookSettled.name) return false;
    host.resolve(token, this.#settle(args, because, host), because);
    return true;
  }

  onTime(host: NegotiationHost): void {
    if (this.#book.nextExpiryMs() > host.nowMs) return;
    this.#book.expire(host.nowMs);
    this.#digest.note(host.nowMs);
    for (const [booking, service] of this.#services) {
      if (this.#book.get(booking) !== undefined) continue;
      this.#services.delete(booking);
      if (!host.tracing) continue;
      host.trace([], {
        kind: 'award',
        award: booking,
        goal: `unitHosted(${service})`,
        status: 'lapsed',
        holder: host.self,
        reason: 'it was not confirmed before its lease ran out: what was held is free again',
      });
    }
  }

  nextDeadlineMs(): number {
    return this.#book.nextExpiryMs();
  }

  snapshot(): BookSnapshot {
    return this.#book.snapshot();
  }

  restored(from: BookSnapshot): HostingDesk {
    return new HostingDesk(this.#options, from);
  }

  #settle(args: GoalArgs, because: Cause, host: NegotiationHost): GoalOutcome {
    const parsed = SettledListSchema.safeParse(args['settled']);
    if (!parsed.success) return { ok: false, error: 'what stands in the book cannot be read' };
    const refused: string[] = [];
    for (const { service, by, kept } of parsed.data) {
      const booking = kept === null ? undefined : { id: kept.booking, reservation: kept.reservation };
      const answer = this.#book.settle(service, by, booking, host.nowMs);
      const reason = answer.ok ? '' : [answer.reason, ...answer.lacks.map(lackInWords)].join('; ');
      if (!answer.ok) refused.push(`${service}: ${reason}`);
      const state = answer.ok ? answer.state : 'refused';
      if (booking !== undefined) this.#noteChange({ booking: booking.id, state, reason }, because, host);
    }
    for (const { name } of this.#book.owned.hosts) this.#believeRoom(name, 'settled', because, host);
    for (const id of this.#services.keys()) if (this.#book.get(id) === undefined) this.#services.delete(id);
    this.#digest.note(host.nowMs);
    if (refused.length > 0) return { ok: false, error: refused.join('; ').slice(0, 1000) };
    if (args['open'] === true) this.#book.open();
    return { ok: true, value: null };
  }

  /** Takes note of what has become of a booking, and of what is free now. */
  #noteChange(change: NonNullable<Handled['change']>, entry: Cause, host: NegotiationHost): Cause {
    const { booking, state, reason } = change;
    const kept = this.#book.get(booking);
    const service = kept?.service ?? this.#services.get(booking) ?? '';
    if (kept === undefined) this.#services.delete(booking);
    else this.#services.set(booking, service);
    for (const { name } of this.#book.owned.hosts)
      this.#believeRoom(name, `${state} for ${service}`, entry, host);
    if (!host.tracing) return entry;
    const units = kept?.reservation.hosts.map((each) => `${each.for} on ${each.host}`).join(', ') ?? '';
    return host.trace([entry], {
      kind: 'award',
      award: booking,
      goal: `unitHosted(${service})`,
      status: STATUS[state],
      holder: host.self,
      reason: state === 'refused' ? reason : units === '' ? `${state}: links` : `${state}: ${units}`,
    });
  }

  #believeRoom(name: string, reason: string, cause: Cause, host: NegotiationHost): void {
    const free = this.#book.freeOfHost(name);
    const known = host.beliefs.value(hostRoom, name)?.free;
    if (free === undefined || (known !== undefined && sameDemand(free, known))) return;
    host.revise(believe(hostRoom, name, { free: { ...free } }, reason), 'agent:hosting', cause);
  }
}

function sameDemand(one: Demand, other: Demand): boolean {
  return one.vcpus === other.vcpus && one.memoryMib === other.memoryMib && one.storageGb === other.storageGb;
}

const STATUS = { held: 'granted', confirmed: 'accepted', released: 'released', refused: 'orphaned' } as const;
