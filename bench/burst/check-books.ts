import type { HostingDesk } from '../../src/capabilities/hosting/hosting-desk.ts';
import type { ServiceInstance } from '../../src/protocol/service-record.ts';
import type { Substrate } from '../../src/protocol/substrate.ts';

/** What a host or a link has, and what is booked of it. */
interface Account {
  readonly has: number;
  booked: number;
  free: number | undefined;
}

/** Amounts that differ by less are equal: sums of many are not exact. */
const ROUNDING = 1e-3;

/**
 * What is wrong with the books of sites, beside what there is and what services were told; empty: nothing. Every booking is counted again
 * from what was booked, the book's own sums are not believed.
 */
export function wrongInBooks(
  desks: readonly HostingDesk[],
  substrate: Substrate,
  services: readonly ServiceInstance[],
): readonly string[] {
  const wrong: string[] = [];
  const accounts = new Map<string, Account>();
  for (const { name, vcpus, memoryMib, storageGb } of substrate.hosts) {
    const free = desks.map(({ book }) => book.freeOfHost(name)).find((each) => each !== undefined);
    accounts.set(`${name} vcpus`, { has: vcpus, booked: 0, free: free?.vcpus });
    accounts.set(`${name} memoryMib`, { has: memoryMib, booked: 0, free: free?.memoryMib });
    accounts.set(`${name} storageGb`, { has: storageGb, booked: 0, free: free?.storageGb });
  }
  for (const { id, bytesPerSec } of substrate.links) {
    const free = desks.map(({ book }) => book.freeOfLink(id)).find((each) => each !== undefined);
    accounts.set(id, { has: bytesPerSec, booked: 0, free });
  }
  const book = (what: string, amount: number): void => {
    const account = accounts.get(what);
    if (account === undefined) wrong.push(`${what} is booked, and is nowhere`);
    else account.booked += amount;
  };
  /** `service unit host` and `service link substrate-link`, as often as each is booked. */
  const booked = new Map<string, number>();
  const note = (key: string): void => {
    booked.set(key, (booked.get(key) ?? 0) + 1);
  };
  for (const booking of desks.flatMap((desk) => desk.bookings())) {
    const { service, state, reservation, id } = booking;
    if (state !== 'confirmed') wrong.push(`${id} of ${service} is ${state}`);
    for (const { for: unit, host, demand } of reservation.hosts) {
      note(`${service} ${unit} ${host}`);
      for (const what of ['vcpus', 'memoryMib', 'storageGb'] as const) book(`${host} ${what}`, demand[what]);
    }
    for (const { for: between, link, bytesPerSec } of reservation.links) {
      note(`${service} ${between} ${link}`);
      book(link, bytesPerSec);
    }
  }
  for (const [what, { has, booked: sum, free }] of accounts) {
    if (sum > has + ROUNDING) wrong.push(`${what}: ${sum} booked of ${has}`);
    if (free === undefined) wrong.push(`${what}: in nobody's book`);
    else if (Math.abs(has - sum - free) > ROUNDING)
      wrong.push(`${what}: ${free} free, ${sum} booked of ${has}`);
  }
  const told = new Set(
    services.flatMap(({ id, shape }) => [
      ...shape.units.map(({ unit, host }) => `${id} ${unit.id} ${host}`),
      ...shape.links.flatMap(({ link, path }) => path.map((each) => `${id} ${link.id} ${each}`)),
    ]),
  );
  for (const [key, times] of booked) {
    if (times > 1) wrong.push(`${key}: booked ${times} times`);
    if (!told.has(key)) wrong.push(`${key}: booked, and no service knows of it`);
  }
  for (const key of told)
    if (!booked.has(key)) wrong.push(`${key}: a service rests on it, and it is not booked`);
  return wrong;
}
