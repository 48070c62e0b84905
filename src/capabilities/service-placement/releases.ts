import type { z } from 'zod';
import type { NegotiationHost } from '../../core/bdi/negotiation-module.ts';
import type { Cause } from '../../core/bdi/trace.ts';
import type { ReleaseSpec } from '../../core/negotiation/booking-release.ts';
import { BookingRelease } from '../../core/negotiation/booking-release.ts';
import { Deadlines } from '../../core/negotiation/deadlines.ts';
import type { Handling } from '../../core/negotiation/initiator.ts';
import type { SiteNews } from '../../core/negotiation/site-news.ts';
import type { AclMessage, MessageDraft } from '../../protocol/acl.ts';
import type { AgentId } from '../../protocol/ids.ts';
import type { KeptBookingSchema } from '../../protocol/placed-service.ts';

type KeptBooking = z.infer<typeof KeptBookingSchema>;

interface Release {
  readonly machine: BookingRelease;
  /** Who waits for it; 0: nobody. */
  readonly token: number;
}

export interface ReleasesSnapshot {
  readonly open: readonly { readonly spec: ReleaseSpec; readonly token: number }[];
}

/** Bookings that are being given up: their owners are told until they have answered. */
export class Releases {
  readonly #news: SiteNews;
  readonly #replyWithinMs: number;
  readonly #open = new Map<string, Release[]>();
  readonly #deadlines = new Deadlines<Release>();

  constructor(news: SiteNews, replyWithinMs: number) {
    this.#news = news;
    this.#replyWithinMs = replyWithinMs;
  }

  /** Gives up bookings, or what of them is `only` for these; the token is answered when all owners have answered. */
  open(
    conversationId: string,
    bookings: readonly KeptBooking[],
    only: readonly string[] | undefined,
    token: number,
    host: NegotiationHost,
  ): void {
    for (const { booking, owners } of bookings) {
      const more = only === undefined ? {} : { only };
      const spec = { booking, conversationId, owners, replyWithinMs: this.#replyWithinMs, ...more };
      this.#begin(spec, token, host);
    }
    if (token !== 0) this.#answer(token, [], 0, host);
  }

  /** Undefined: it is about none of these. */
  onMessage(message: AclMessage, entry: Cause, host: NegotiationHost): Handling | undefined {
    if (message.performative !== 'inform' && message.performative !== 'failure') return undefined;
    for (const release of this.#open.get(message.conversationId) ?? []) {
      const handling = release.machine.onMessage(message);
      if (handling === 'late' || handling === 'malformed') continue;
      this.#look(release, entry, host);
      return handling;
    }
    return undefined;
  }

  onTime(host: NegotiationHost): void {
    for (const release of this.#deadlines.due(host.nowMs)) {
      const out: MessageDraft[] = [];
      release.machine.onTime(host.nowMs, out);
      for (const message of out) host.send(message, []);
      this.#look(release, 0, host);
    }
  }

  nextDeadlineMs(): number {
    return this.#deadlines.earliestMs();
  }

  snapshot(): ReleasesSnapshot {
    return {
      open: [...this.#open.values()].flat().map(({ machine, token }) => ({
        spec: { ...machine.spec, owners: machine.silent },
        token,
      })),
    };
  }

  restore({ open }: ReleasesSnapshot): void {
    for (const { spec, token } of open) {
      const machine = new BookingRelease(spec, this.#news);
      // Told again as soon as the agent thinks.
      machine.deadlineMs = Number.NEGATIVE_INFINITY;
      this.#keep({ machine, token });
    }
  }

  #begin(spec: ReleaseSpec, token: number, host: NegotiationHost): void {
    const machine = new BookingRelease(spec, this.#news);
    const out: MessageDraft[] = [];
    machine.open(host.nowMs, out);
    for (const message of out) host.send(message, []);
    if (!machine.over) this.#keep({ machine, token });
  }

  #keep(release: Release): void {
    const { conversationId } = release.machine.spec;
    const list = this.#open.get(conversationId) ?? [];
    list.push(release);
    this.#open.set(conversationId, list);
    this.#deadlines.set(release, release.machine.deadlineMs);
  }

  #look(release: Release, entry: Cause, host: NegotiationHost): void {
    const { machine, token } = release;
    if (!machine.over) {
      this.#deadlines.set(release, machine.deadlineMs);
      return;
    }
    this.#deadlines.delete(release);
    const { conversationId } = machine.spec;
    const left = (this.#open.get(conversationId) ?? []).filter((each) => each !== release);
    if (left.length === 0) this.#open.delete(conversationId);
    else this.#open.set(conversationId, left);
    if (token !== 0) this.#answer(token, machine.silent, entry, host);
  }

  /** Answers who waits, once nothing is open for it; owners that never answered may still keep something. */
  #answer(token: number, silent: readonly AgentId[], entry: Cause, host: NegotiationHost): void {
    const waiting = [...this.#open.values()].some((list) => list.some((each) => each.token === token));
    if (silent.length > 0) {
      const error = `${silent.join(', ')} did not answer: what is booked there is to be released when it is back`;
      host.resolve(token, { ok: false, error }, entry);
    } else if (!waiting) host.resolve(token, { ok: true, value: null }, entry);
  }
}
