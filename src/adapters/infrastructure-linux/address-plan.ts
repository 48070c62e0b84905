import type { UnitOrder } from '../../ports/infrastructure.ts';
import { MusterError } from '../../protocol/errors.ts';
import { deviceOf, firstGuess, linkKey, macOf, portOf, USER_BASE, USERS } from './names.ts';
import type { InterfaceRecord, UnitRecord } from './unit-record.ts';

const PREFIX_LENGTH = 24;
/** Networks of virtual links whose addresses nobody gives: 10.128.0.0/10, a /24 each. */
const NETWORKS = 64 * 256;
const VNIS = 0xff_ffff;
/** Those at the upper end first: descriptors that name addresses name lower ones, maybe of units that are not there yet. */
const HOSTS = [...between(130, 250), ...between(10, 129)];

/** What a new unit gets that others do not have: interfaces with their addresses, and a user. Throws CONFLICT when an address is taken. */
export function planUnit(
  order: UnitOrder,
  others: readonly UnitRecord[],
): Pick<UnitRecord, 'interfaces' | 'user'> {
  const taken = others.flatMap(({ order: { service }, interfaces, fenced }) =>
    fenced === true ? [] : interfaces.map((each) => ({ ...each, service })),
  );
  const before = others.find(
    (each) => each.order.id === order.insteadOf && each.order.service === order.service,
  );
  const ports = new Set(before?.interfaces.map(({ port }) => port));
  const interfaces: InterfaceRecord[] = [];
  order.interfaces.forEach(({ name, link: linkName, address }, index) => {
    const link = linkKey(order.service, linkName);
    const onLink = [...taken, ...interfaces].filter((each) => each.link === link);
    const vni =
      onLink[0]?.vni ?? free('vni', link, VNIS, (place) => taken.some((each) => each.vni === place + 1)) + 1;
    const [given, length] = address?.split('/') ?? [];
    if (given !== undefined && onLink.some((each) => each.address === given && !ports.has(each.port))) {
      throw new MusterError('CONFLICT', `${given} is taken on ${linkName}`, {
        hint: 'give the unit another address, or none: then it gets one that is free',
      });
    }
    interfaces.push({
      name,
      device: deviceOf(name, index),
      link,
      vni,
      mac: macOf(order.id, name),
      address: given ?? freeAddress(link, onLink, [...taken, ...interfaces], linkName),
      prefixLength: length === undefined ? PREFIX_LENGTH : Number(length),
      port: portOf(order.id, name),
    });
  });
  const users = new Set(others.map(({ user }) => user));
  return {
    interfaces,
    user: USER_BASE + free('user', order.id, USERS, (place) => users.has(USER_BASE + place)),
  };
}

/** One in the network that the link has; the first on a link chooses a network that no other link has. */
function freeAddress(
  link: string,
  onLink: readonly InterfaceRecord[],
  all: readonly InterfaceRecord[],
  linkName: string,
): string {
  const networks = new Set(all.filter((each) => each.link !== link).map(({ address }) => networkOf(address)));
  const text = (place: number) => `10.${128 + (place >> 8)}.${place & 255}`;
  const network =
    onLink[0] === undefined
      ? text(free('network', link, NETWORKS, (place) => networks.has(text(place))))
      : networkOf(onLink[0].address);
  for (const host of HOSTS) {
    const address = `${network}.${host}`;
    if (!onLink.some((each) => each.address === address)) return address;
  }
  throw new MusterError('CONFLICT', `${linkName} has no free address left`, {
    hint: 'use a second virtual link for the rest',
  });
}

const networkOf = (address: string): string => address.split('.').slice(0, 3).join('.');

function free(kind: string, name: string, size: number, isTaken: (place: number) => boolean): number {
  const first = firstGuess(kind, name, size);
  for (let step = 0; step < size; step++) {
    const place = (first + step) % size;
    if (!isTaken(place)) return place;
  }
  throw new MusterError('CONFLICT', `no ${kind} is left`, { hint: 'stop what is not needed any more' });
}

function between(low: number, high: number): readonly number[] {
  return Array.from({ length: high - low + 1 }, (_, index) => low + index);
}
