import { keptFor } from '../../core/placement/kept-for.ts';
import type { Topology } from '../../core/placement/topology.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { PlacedService } from '../../protocol/placed-service.ts';
import type { Placing, Settled } from '../../protocol/placing.ts';

/** As many as books remember. A service has an id of its own: what is older is not asked about again. */
const MOST_WITHDRAWN = 10_000;

/**
 * What is booked for services, as the agents have answered it, and who looks after each: what a book is settled by when its agent has
 * forgotten it, and what is told to the next agent that looks after a service.
 */
export class BookedServices {
  readonly #topology: Topology;
  readonly #books: Placing['books'];
  readonly #placed = new Map<string, PlacedService>();
  /** Also of services that were withdrawn: in some books nobody else may book for them. */
  readonly #orchestrators = new Map<string, AgentId>();
  /** Services that another agent looks after than once did: what that one may still bargain for is to be refused. */
  readonly #taken = new Set<string>();
  #handedOver = 0;

  constructor(topology: Topology, books: Placing['books']) {
    this.#topology = topology;
    this.#books = books;
  }

  placed(service: string): PlacedService | undefined {
    return this.#placed.get(service);
  }

  orchestratorOf(service: string): AgentId | undefined {
    return this.#orchestrators.get(service);
  }

  lookAfter(service: string, agent: AgentId): void {
    this.#orchestrators.delete(service);
    this.#orchestrators.set(service, agent);
    this.#forgetOldest();
  }

  /** Takes over an answer. Every agent whose book has a part of it is among the owners of a booking afterwards. */
  keep(service: string, placed: PlacedService): void {
    const named = new Set(placed.bookings.flatMap(({ owners }) => owners));
    const missing = this.#ownersOf(placed).filter((owner) => !named.has(owner));
    const last = placed.bookings.at(-1);
    if (missing.length === 0 || last === undefined) {
      this.#placed.set(service, placed);
      return;
    }
    const bookings = [...placed.bookings.slice(0, -1), { ...last, owners: [...last.owners, ...missing] }];
    this.#placed.set(service, { ...placed, bookings });
  }

  forget(service: string): void {
    this.#placed.delete(service);
  }

  /** Another agent looks after a service from now on: all of it is under one booking, which is that agent's. */
  handOver(service: string, agent: AgentId): void {
    this.lookAfter(service, agent);
    this.#taken.add(service);
    const placed = this.#placed.get(service);
    if (placed === undefined) return;
    const booking = `${agent}.handed-over-${++this.#handedOver}`;
    const all = [...placed.graph.units, ...placed.graph.links].map(({ id }) => id);
    const bookings = [{ booking, owners: [...this.#ownersOf(placed)], for: all }];
    this.#placed.set(service, { ...placed, bookings });
  }

  /** What the book of an agent has of a service. */
  settled(owner: AgentId, service: string): Settled {
    const by = this.#orchestrators.get(service) ?? owner;
    const placed = this.#placed.get(service);
    const site = this.#books.find((each) => each.agent === owner)?.site;
    if (placed === undefined || site === undefined) return { service, by, kept: null };
    const reservation = keptFor(placed, this.#topology).get(site);
    const booking = placed.bookings.findLast(({ owners }) => owners.includes(owner))?.booking;
    const nothing = reservation === undefined || booking === undefined;
    return { service, by, kept: nothing ? null : { booking, reservation } };
  }

  /** All that the book of an agent has; `remembers`: and of which services it has nothing, as it may believe otherwise. */
  allSettled(owner: AgentId, remembers: boolean): readonly Settled[] {
    return [...this.#orchestrators.keys()]
      .map((service) => this.settled(owner, service))
      .filter(({ service, kept }) => kept !== null || remembers || this.#taken.has(service));
  }

  /** Of services that have nothing booked the newest are kept. */
  #forgetOldest(): void {
    let more = this.#orchestrators.size - this.#placed.size - MOST_WITHDRAWN;
    for (const service of this.#orchestrators.keys()) {
      if (more <= 0) return;
      if (this.#placed.has(service)) continue;
      this.#orchestrators.delete(service);
      this.#taken.delete(service);
      more--;
    }
  }

  #ownersOf(placed: PlacedService): readonly AgentId[] {
    const kept = keptFor(placed, this.#topology);
    return this.#books.flatMap(({ site, agent }) => (kept.has(site) ? [agent] : []));
  }
}
