import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reservation } from '../../protocol/placement.ts';
import type { Owned } from './book.ts';
import { Book } from './book.ts';
import { ring } from './testing/small-substrate.ts';

const { hosts, links, sites } = ring();
const owned = { site: sites[0], hosts: hosts.slice(0, 1), links: links.slice(0, 1) } as Owned;
const [host, link] = [owned.hosts[0]?.name, owned.links[0]?.id];

function reservation(vcpus: number, bytesPerSec: number, name = 'u'): Reservation {
  if (host === undefined || link === undefined) throw new Error('the ring has hosts and links');
  return {
    hosts: vcpus === 0 ? [] : [{ for: name, host, demand: { vcpus, memoryMib: 0, storageGb: 0 } }],
    links: bytesPerSec === 0 ? [] : [{ for: `${name}-link`, link, bytesPerSec }],
  };
}

const order = (id: string, vcpus: number, bytesPerSec = 0, untilMs = 100) => ({
  id,
  service: 'web',
  by: 'a',
  untilMs,
  reservation: reservation(vcpus, bytesPerSec),
});

describe('the book of a site', () => {
  it('keeps what is held, once, however often it is asked', () => {
    const book = new Book(owned);
    expect(book.hold(order('a.1', 4), 0)).toEqual({ ok: true, state: 'held' });
    expect(book.hold(order('a.1', 4), 1)).toEqual({ ok: true, state: 'held' });
    expect(book.freeOfHost('h0')?.vcpus).toBe(6);
    expect(book.confirm('a.1', 'a', 2)).toEqual({ ok: true, state: 'confirmed' });
    expect(book.confirm('a.1', 'a', 3)).toEqual({ ok: true, state: 'confirmed' });
    expect(book.hold(order('a.1', 4), 4)).toEqual({ ok: true, state: 'confirmed' });
    expect(book.freeOfHost('h0')?.vcpus).toBe(6);
    expect(book.nextExpiryMs()).toBe(Number.POSITIVE_INFINITY);
  });

  it('refuses what is not free, naming all that lacks, and keeps nothing of it', () => {
    const book = new Book(owned);
    const answer = book.hold(order('a.1', 11, 101), 0);
    expect(answer.ok ? [] : answer.lacks).toEqual([
      { what: 'vcpus', where: 'h0', wanted: 11, free: 10 },
      { what: 'bytesPerSec', where: 'l0', wanted: 101, free: 100 },
    ]);
    expect(book.bookings()).toEqual([]);
    expect(book.version).toBe(0);
  });

  it('frees what was not confirmed in time, and refuses to confirm it afterwards', () => {
    const book = new Book(owned);
    book.hold(order('a.1', 4), 0);
    expect(book.nextExpiryMs()).toBe(100);
    book.expire(100);
    expect(book.freeOfHost('h0')?.vcpus).toBe(10);
    expect(book.confirm('a.1', 'a', 101)).toMatchObject({ ok: false });
  });

  it('keeps a released booking released when its hold comes afterwards', () => {
    const book = new Book(owned);
    expect(book.release('a.1', 'a', 0)).toEqual({ ok: true, state: 'released' });
    expect(book.hold(order('a.1', 4), 1)).toMatchObject({ ok: false });
    expect(book.freeOfHost('h0')?.vcpus).toBe(10);
  });

  it('lets nobody but who booked confirm or release', () => {
    const book = new Book(owned);
    book.hold(order('a.1', 4), 0);
    for (const by of ['eve', 'a.1', '']) {
      expect(book.confirm('a.1', by, 1)).toMatchObject({ ok: false });
      expect(book.release('a.1', by, 1)).toMatchObject({ ok: false });
      expect(book.release('a.1', by, 1, ['u'])).toMatchObject({ ok: false });
    }
    expect(book.get('a.1')?.state).toBe('held');
  });

  it('lets nobody take the id of a booking that another is going to make', () => {
    const book = new Book(owned);
    expect(book.hold({ ...order('a.1', 1), by: 'eve' }, 0)).toMatchObject({ ok: false });
    expect(book.hold({ ...order('ab.1', 1), by: 'a' }, 0)).toMatchObject({ ok: false });
    expect(book.hold(order('a.1', 4), 1)).toEqual({ ok: true, state: 'held' });
    expect(book.freeOfHost('h0')?.vcpus).toBe(6);
  });

  it('lets nobody end a booking before another makes it', () => {
    const book = new Book(owned);
    expect(book.release('a.1', 'eve', 0)).toMatchObject({ ok: false });
    expect(book.snapshot().ended).toEqual([]);
    expect(book.hold(order('a.1', 4), 1)).toEqual({ ok: true, state: 'held' });
  });

  it('gives up a part, and the rest later', () => {
    const book = new Book(owned);
    book.hold(order('a.1', 4, 30), 0);
    book.confirm('a.1', 'a', 1);
    book.release('a.1', 'a', 2, ['u']);
    book.release('a.1', 'a', 3, ['u']);
    expect([book.freeOfHost('h0')?.vcpus, book.freeOfLink('l0')]).toEqual([10, 70]);
    book.release('a.1', 'a', 4);
    expect(book.freeOfLink('l0')).toBe(100);
  });

  it('keeps nothing for anybody as long as it is closed, and what it was settled to keep once it is open', () => {
    const book = new Book(owned, undefined, { closed: true });
    expect(book.hold(order('a.1', 1), 0)).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/closed/),
    });
    expect(book.confirm('a.1', 'a', 0)).toMatchObject({ ok: false });
    expect(book.release('a.1', 'a', 0)).toMatchObject({ ok: false });
    expect(book.settle('web', 'a', { id: 'a.1', reservation: reservation(7, 10) }, 1)).toMatchObject({
      ok: true,
    });
    book.open();
    expect(book.get('a.1')).toMatchObject({ state: 'confirmed', by: 'a', service: 'web' });
    expect(book.hold({ ...order('b.1', 4), service: 'mail', by: 'b' }, 2)).toMatchObject({
      ok: false,
      lacks: [{ wanted: 4, free: 3 }],
    });
    expect(book.release('a.1', 'a', 3)).toEqual({ ok: true, state: 'released' });
    expect([book.freeOfHost('h0')?.vcpus, book.freeOfLink('l0')]).toEqual([10, 100]);
  });

  it('hands a service over: what the one before has booked is over, and it books nothing more', () => {
    const book = new Book(owned);
    book.hold(order('a.1', 4), 0);
    book.confirm('a.1', 'a', 1);
    book.hold(order('a.2', 2, 10), 1);
    expect(book.settle('web', 'b', { id: 'b.1', reservation: reservation(4, 0) }, 2)).toMatchObject({
      ok: true,
    });
    expect(book.bookings().map(({ id }) => id)).toEqual(['b.1']);
    expect(book.freeOfHost('h0')?.vcpus).toBe(6);
    expect(book.confirm('a.2', 'a', 3)).toMatchObject({ ok: false });
    expect(book.hold(order('a.3', 1), 3)).toMatchObject({
      ok: false,
      reason: 'b looks after that service now',
    });
    expect(book.hold({ ...order('a.4', 1), service: 'mail' }, 3)).toMatchObject({ ok: true });
    expect(book.settle('web', 'b', undefined, 4)).toEqual({ ok: true, state: 'released' });
    expect(book.bookings().map(({ id }) => id)).toEqual(['a.4']);
  });

  it('changes nothing when it is to keep what is not free, or what bears the name of another', () => {
    const book = new Book(owned);
    book.hold(order('a.1', 4), 0);
    book.hold({ ...order('b.1', 4), service: 'mail', by: 'b' }, 0);
    const before = book.snapshot();
    expect(book.settle('web', 'c', { id: 'c.1', reservation: reservation(7, 0) }, 1)).toMatchObject({
      ok: false,
    });
    expect(book.settle('web', 'c', { id: 'a.1', reservation: reservation(1, 0) }, 1)).toMatchObject({
      ok: false,
    });
    expect(book.snapshot()).toEqual(before);
    expect(book.freeOfHost('h0')?.vcpus).toBe(2);
  });

  it('is the same again from its snapshot', () => {
    const book = new Book(owned);
    book.hold(order('a.1', 4), 0);
    book.hold(order('a.2', 2, 10), 0);
    book.confirm('a.2', 'a', 1);
    book.release('a.3', 'a', 1);
    const again = new Book(owned, structuredClone(book.snapshot()));
    expect(again.digest()).toEqual(book.digest());
    expect(again.hold(order('a.3', 1), 2)).toMatchObject({ ok: false });
    again.expire(100);
    expect(again.freeOfHost('h0')?.vcpus).toBe(8);
  });

  it('never has less than nothing free, whatever comes in whatever order, twice or not at all', () => {
    const calls = fc.array(
      fc.record({
        what: fc.constantFrom('hold', 'confirm', 'release', 'part', 'wait'),
        id: fc.constantFrom('a.1', 'a.2', 'a.3', 'a.4', 'a.5'),
        vcpus: fc.double({ min: 0, max: 7, noNaN: true }),
        bytes: fc.double({ min: 0, max: 70, noNaN: true }),
      }),
      { maxLength: 60 },
    );
    // biome-ignore lint/nursery/noFloatingPromises: of a synchronous property it is synchronous
    fc.assert(
      fc.property(calls, (all) => {
        const book = new Book(owned);
        let nowMs = 0;
        for (const { what, id, vcpus, bytes } of all) {
          const version = book.version;
          const before = JSON.stringify(book.bookings());
          if (what === 'hold') book.hold(order(id, vcpus, bytes, nowMs + 50), nowMs);
          else if (what === 'confirm') book.confirm(id, 'a', nowMs);
          else if (what === 'release') book.release(id, 'a', nowMs);
          else if (what === 'part') book.release(id, 'a', nowMs, ['u']);
          else nowMs += 30;
          book.expire(nowMs);
          const taken = book.bookings().flatMap((each) => each.reservation.hosts);
          const carried = book.bookings().flatMap((each) => each.reservation.links);
          const free = book.freeOfHost('h0')?.vcpus ?? -1;
          expect(free).toBeGreaterThanOrEqual(0);
          expect(free).toBeCloseTo(10 - taken.reduce((sum, each) => sum + each.demand.vcpus, 0), 6);
          expect(book.freeOfLink('l0')).toBeGreaterThanOrEqual(0);
          expect(book.freeOfLink('l0')).toBeCloseTo(
            100 - carried.reduce((sum, each) => sum + each.bytesPerSec, 0),
            6,
          );
          expect(book.version > version).toBe(JSON.stringify(book.bookings()) !== before);
        }
      }),
      { numRuns: 300 },
    );
  });
});
