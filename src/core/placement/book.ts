import type { Demand } from '../../protocol/descriptors.ts';
import type { Lack, Reservation, SiteDigest } from '../../protocol/placement.ts';
import type { Host, SubstrateLink } from '../../protocol/substrate.ts';
import { lacksOf } from './lacks-of.ts';

/** What a site's book is kept of. */
export interface Owned {
  readonly site: Host['site'];
  readonly hosts: readonly Host[];
  readonly links: readonly SubstrateLink[];
}

/** Something that is kept for a service: until `untilMs` unless it is confirmed before. */
export interface Booking {
  /** Begins with the name of who books and a dot: nobody can take, or end beforehand, a booking that another is going to make. */
  readonly id: string;
  readonly service: string;
  /** Who booked, and alone may confirm or release. */
  readonly by: string;
  readonly state: 'held' | 'confirmed';
  readonly untilMs: number;
  readonly reservation: Reservation;
}

export type BookAnswer =
  | { readonly ok: true; readonly state: 'held' | 'confirmed' | 'released' }
  | { readonly ok: false; readonly reason: string; readonly lacks: readonly Lack[] };

/** A booking that is over, remembered so that a message that comes late or again finds it so. */
interface Ended {
  readonly id: string;
  readonly why: string;
  readonly atMs: number;
}

export interface BookSnapshot {
  readonly version: number;
  readonly isOpen: boolean;
  readonly bookings: readonly Booking[];
  readonly ended: readonly Ended[];
  readonly keepers: readonly (readonly [service: string, by: string])[];
}

export interface BookOptions {
  /** Counts on from there; default 0. */
  readonly version?: number;
  /** Keeps nothing for anybody before it has been settled what stands in it, see `settle` and `open`. Default: open. */
  readonly closed?: boolean;
}

/** How long, and how many at most, of the bookings that are over are remembered; as many keepers of services. */
const MEMORY_MS = 600_000;
const MAX_ENDED = 10_000;
/** Bookings at a time: beyond it holds are refused, so that nobody can fill the book with nothing. */
const MAX_BOOKINGS = 50_000;
const CLOSED = 'its book is closed: what stands in it is not settled yet';
const NOT_OWN = 'the id of a booking begins with the name of who books and a dot';
/** Sums of many amounts are not exact: so little below nothing is nothing. */
const ROUNDING = 1e-6;

type Free = { vcpus: number; memoryMib: number; storageGb: number };

/**
 * The book of a substrate's owner: what of its hosts and links is free, and for whom the rest is kept. `hold` keeps something with a
 * lease, `confirm` keeps it for good, `release` gives it up, a lease that runs out gives it up too. Every call may come again: it
 * changes nothing then and is answered as the first time. A released booking stays released, also when its hold comes afterwards.
 * Nothing is ever kept that is not free.
 */
export class Book {
  readonly owned: Owned;
  readonly #hosts = new Map<string, Free>();
  readonly #links = new Map<string, number>();
  readonly #bookings = new Map<string, Booking>();
  /** Ids of those that are not confirmed: only these can run out. */
  readonly #held = new Set<string>();
  readonly #ended = new Map<string, Ended>();
  /** Of services that have been settled: who alone may book for them. */
  readonly #keepers = new Map<string, string>();
  #version: number;
  #isOpen: boolean;

  constructor(owned: Owned, from?: BookSnapshot, { version = 0, closed = false }: BookOptions = {}) {
    this.owned = owned;
    this.#version = version;
    this.#isOpen = !closed;
    for (const { name, vcpus, memoryMib, storageGb } of owned.hosts) {
      this.#hosts.set(name, { vcpus, memoryMib, storageGb });
    }
    for (const { id, bytesPerSec } of owned.links) this.#links.set(id, bytesPerSec);
    if (from === undefined) return;
    this.#version = from.version;
    this.#isOpen = from.isOpen;
    for (const [service, by] of from.keepers) this.#keepers.set(service, by);
    for (const ended of from.ended) this.#ended.set(ended.id, ended);
    for (const booking of from.bookings) {
      this.#bookings.set(booking.id, booking);
      if (booking.state === 'held') this.#held.add(booking.id);
      this.#take(booking.reservation, 1);
    }
  }

  /** Counts every change. */
  get version(): number {
    return this.#version;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get(id: string): Booking | undefined {
    return this.#bookings.get(id);
  }

  bookings(): readonly Booking[] {
    return [...this.#bookings.values()];
  }

  freeOfHost(host: string): Demand | undefined {
    return this.#hosts.get(host);
  }

  freeOfLink(link: string): number | undefined {
    return this.#links.get(link);
  }

  hold(order: Omit<Booking, 'state'>, nowMs: number): BookAnswer {
    this.expire(nowMs);
    if (!this.#isOpen) return refused(CLOSED);
    if (!isOwn(order.id, order.by)) return refused(NOT_OWN);
    const keeper = this.#keepers.get(order.service);
    if (keeper !== undefined && keeper !== order.by) return refused(`${keeper} looks after that service now`);
    const ended = this.#ended.get(order.id);
    if (ended !== undefined) return refused(`the booking is over: ${ended.why}`);
    const same = this.#bookings.get(order.id);
    if (same !== undefined) return { ok: true, state: same.state };
    if (this.#bookings.size >= MAX_BOOKINGS) return refused('the book is full');
    const lacks = lacksOf(order.reservation, this);
    if (lacks.length > 0) return { ok: false, reason: 'not enough is free', lacks };
    this.#bookings.set(order.id, { ...order, state: 'held' });
    this.#held.add(order.id);
    this.#take(order.reservation, 1);
    this.#version++;
    return { ok: true, state: 'held' };
  }

  confirm(id: string, by: string, nowMs: number): BookAnswer {
    this.expire(nowMs);
    if (!this.#isOpen) return refused(CLOSED);
    if (!isOwn(id, by)) return refused(NOT_OWN);
    const booking = this.#bookings.get(id);
    if (booking === undefined) {
      const ended = this.#ended.get(id);
      return refused(
        ended === undefined ? 'nothing is held under that id' : `the booking is over: ${ended.why}`,
      );
    }
    if (booking.state === 'held') {
      this.#bookings.set(id, { ...booking, state: 'confirmed', untilMs: Number.POSITIVE_INFINITY });
      this.#held.delete(id);
      this.#version++;
    }
    return { ok: true, state: 'confirmed' };
  }

  /** Gives up a booking, or what of it is `only` for these; an unknown one is noted as over, so that its hold does not come later. */
  release(id: string, by: string, nowMs: number, only?: readonly string[]): BookAnswer {
    this.expire(nowMs);
    if (!this.#isOpen) return refused(CLOSED);
    if (!isOwn(id, by)) return refused(NOT_OWN);
    const booking = this.#bookings.get(id);
    if (booking !== undefined && only !== undefined) {
      const { given, left } = divide(booking.reservation, new Set(only));
      if (left.hosts.length + left.links.length > 0) {
        if (given.hosts.length + given.links.length > 0) {
          this.#take(given, -1);
          this.#bookings.set(id, { ...booking, reservation: left });
          this.#version++;
        }
        return { ok: true, state: 'released' };
      }
    }
    if (booking === undefined && only !== undefined) return { ok: true, state: 'released' };
    this.#end(id, booking, 'released', nowMs);
    return { ok: true, state: 'released' };
  }

  /**
   * Says what stands in the book for a service, whatever stood there before: what is `kept` is confirmed, for `by`, and nobody else may
   * book for that service from now on. What is not free is refused, and then nothing has changed.
   */
  settle(
    service: string,
    by: string,
    kept: { readonly id: string; readonly reservation: Reservation } | undefined,
    nowMs: number,
  ): BookAnswer {
    this.expire(nowMs);
    if (kept !== undefined && !isOwn(kept.id, by)) return refused(NOT_OWN);
    const before = this.bookings().filter((each) => each.service === service);
    for (const { reservation } of before) this.#take(reservation, -1);
    // It has been kept once before, added up in another order maybe.
    const lacks =
      kept === undefined
        ? []
        : lacksOf(kept.reservation, this).filter(({ wanted, free }) => wanted - free > ROUNDING);
    for (const { reservation } of before) this.#take(reservation, 1);
    if (lacks.length > 0) return { ok: false, reason: 'not enough is free', lacks };
    for (const each of before) this.#end(each.id, each, `${by} looks after its service now`, nowMs);
    this.#keepers.delete(service);
    this.#keepers.set(service, by);
    const [oldest] = this.#keepers.keys();
    if (this.#keepers.size > MAX_ENDED && oldest !== undefined) this.#keepers.delete(oldest);
    if (kept === undefined) return { ok: true, state: 'released' };
    const { id, reservation } = kept;
    this.#ended.delete(id);
    this.#bookings.set(id, {
      id,
      service,
      by,
      state: 'confirmed',
      untilMs: Number.POSITIVE_INFINITY,
      reservation,
    });
    this.#take(reservation, 1);
    this.#version++;
    return { ok: true, state: 'confirmed' };
  }

  /** All that stands in it has been settled: from now on it keeps what it is asked to. */
  open(): void {
    this.#isOpen = true;
  }

  /** Frees what was held and not confirmed in time. */
  expire(nowMs: number): void {
    for (const id of this.#held) {
      const booking = this.#bookings.get(id);
      if (booking !== undefined && booking.untilMs <= nowMs)
        this.#end(id, booking, 'its lease ran out', nowMs);
    }
  }

  /** Infinity: nothing runs out. */
  nextExpiryMs(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const id of this.#held) {
      earliest = Math.min(earliest, this.#bookings.get(id)?.untilMs ?? earliest);
    }
    return earliest;
  }

  digest(): SiteDigest {
    const { site, hosts, links } = this.owned;
    return {
      site,
      version: this.#version,
      hosts: hosts.map(({ name }) => {
        const free = this.#hosts.get(name);
        return [name, free?.vcpus ?? 0, free?.memoryMib ?? 0, free?.storageGb ?? 0];
      }),
      links: links.map(({ id }) => [id, this.#links.get(id) ?? 0]),
    };
  }

  snapshot(): BookSnapshot {
    return {
      version: this.#version,
      isOpen: this.#isOpen,
      bookings: this.bookings(),
      ended: [...this.#ended.values()],
      keepers: [...this.#keepers],
    };
  }

  #end(id: string, booking: Booking | undefined, why: string, nowMs: number): void {
    if (booking !== undefined) {
      this.#bookings.delete(id);
      this.#held.delete(id);
      this.#take(booking.reservation, -1);
      this.#version++;
    }
    if (this.#ended.has(id)) return;
    for (const [oldest, { atMs }] of this.#ended) {
      if (nowMs - atMs <= MEMORY_MS && this.#ended.size < MAX_ENDED) break;
      this.#ended.delete(oldest);
    }
    this.#ended.set(id, { id, why, atMs: nowMs });
  }

  #take({ hosts, links }: Reservation, sign: 1 | -1): void {
    for (const { host, demand } of hosts) {
      const free = this.#hosts.get(host);
      if (free === undefined) continue;
      free.vcpus = rest(free.vcpus - sign * demand.vcpus);
      free.memoryMib = rest(free.memoryMib - sign * demand.memoryMib);
      free.storageGb = rest(free.storageGb - sign * demand.storageGb);
    }
    for (const { link, bytesPerSec } of links) {
      this.#links.set(link, rest((this.#links.get(link) ?? 0) - sign * bytesPerSec));
    }
  }
}

/** Names of agents have no dot: no two of them can begin the same id. */
function isOwn(id: string, by: string): boolean {
  return id.startsWith(`${by}.`);
}

function rest(amount: number): number {
  return amount < 0 && amount > -ROUNDING ? 0 : amount;
}

function refused(reason: string): BookAnswer {
  return { ok: false, reason, lacks: [] };
}

function divide(all: Reservation, only: ReadonlySet<string>): { given: Reservation; left: Reservation } {
  const wanted = (each: { readonly for: string }) => only.has(each.for);
  const others = (each: { readonly for: string }) => !only.has(each.for);
  return {
    given: { hosts: all.hosts.filter(wanted), links: all.links.filter(wanted) },
    left: { hosts: all.hosts.filter(others), links: all.links.filter(others) },
  };
}
