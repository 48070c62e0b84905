import { expect, test } from 'vitest';
import type { UnitOrder } from '../../ports/infrastructure.ts';
import { planUnit } from './address-plan.ts';
import type { UnitRecord } from './unit-record.ts';
import { UnitOrderSchema } from './unit-record.ts';

const order = (id: string, links: readonly string[], address?: string, service = 's'): UnitOrder =>
  UnitOrderSchema.parse({
    id,
    service,
    unit: {
      id,
      member: id,
      vdu: 'v',
      demand: { vcpus: 1, memoryMib: 1, storageGb: 0 },
      sites: [],
      affinity: [],
      antiAffinity: [],
    },
    host: 'h',
    image: { catalogue: 'forwarder' },
    interfaces: links.map((link, index) => ({
      name: `eth${index}`,
      link,
      ...(address === undefined ? {} : { address }),
    })),
    parameters: {},
  });
const planned = (orders: readonly UnitOrder[]): readonly UnitRecord[] => {
  const records: UnitRecord[] = [];
  for (const each of orders) {
    const mine = planUnit(each, records);
    records.push({ format: 1, order: UnitOrderSchema.parse(each), site: 'x', ready: true, ...mine });
  }
  return records;
};
const addressesOf = (records: readonly UnitRecord[]) =>
  records.flatMap(({ interfaces }) => interfaces.map(({ address }) => address));

test('units of one link share a network, and no address', () => {
  const addresses = addressesOf(planned(['a', 'b', 'c'].map((id) => order(id, ['data']))));
  expect(new Set(addresses).size).toBe(3);
  expect(new Set(addresses.map((each) => each.split('.').slice(0, 3).join('.'))).size).toBe(1);
});

test('links of other services, and other links, have networks, numbers and users of their own', () => {
  const records = planned([order('a', ['data', 'mgmt']), order('b', ['data'], undefined, 'other')]);
  const interfaces = records.flatMap((each) => each.interfaces);
  for (const read of [
    (each: (typeof interfaces)[number]) => String(each.vni),
    (each: (typeof interfaces)[number]) => each.link,
    (each: (typeof interfaces)[number]) => each.address.split('.').slice(0, 3).join('.'),
  ]) {
    expect(new Set(interfaces.map(read)).size).toBe(3);
  }
  expect(new Set(records.map(({ user }) => user)).size).toBe(2);
});

test('an address that is asked for is given, with the network that it names, and once', () => {
  const records = planned([
    order('a', ['data'], '20.20.1.2'),
    order('b', ['data'], '20.20.3.5/16'),
    order('c', ['data']),
  ]);
  expect(
    records.flatMap((each) => each.interfaces.map((one) => `${one.address}/${one.prefixLength}`)),
  ).toEqual(['20.20.1.2/24', '20.20.3.5/16', '20.20.1.130/24']);
  expect(() => planUnit(order('d', ['data'], '20.20.3.5'), records)).toThrow('20.20.3.5 is taken on data');
});

test('whoever takes the place of another unit of its service has its addresses beside it, and nobody else has', () => {
  const [old] = planned([order('old', ['data'], '10.1.2.3')]);
  if (old === undefined) throw new Error('a record is expected');
  const next: UnitOrder = { ...order('next', ['data'], '10.1.2.3'), insteadOf: 'old' };
  const [face] = planUnit(next, [old]).interfaces;
  expect(face).toMatchObject({
    address: '10.1.2.3',
    link: old.interfaces[0]?.link,
    vni: old.interfaces[0]?.vni,
  });
  expect([face?.mac, face?.port]).not.toContain(old.interfaces[0]?.mac);
  for (const wrong of [{ ...next, insteadOf: 'other' }, { ...order('next', ['data'], '10.1.2.3') }])
    expect(() => planUnit(wrong, [old])).toThrow(/10\.1\.2\.3 is taken/);
  const third: UnitOrder = { ...order('third', ['data'], '10.1.2.3'), insteadOf: 'old' };
  const both = [old, { ...old, order: UnitOrderSchema.parse(next), ...planUnit(next, [old]) }];
  expect(() => planUnit(third, both)).toThrow(/is taken/);
});
