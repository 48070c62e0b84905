import { expect, test } from 'vitest';
import type { ChainOrder } from '../../ports/infrastructure.ts';
import { createChainControl } from './chain-control.ts';
import type { HeldUnit } from './held-unit.ts';
import type { HopDevices } from './hop-routing.ts';
import { identify } from './process-identity.ts';
import type { SteeringTable } from './steering.ts';
import type { ChainRecord, UnitRecord } from './unit-record.ts';

const LINK = 'aaaaaaaaaa';
const order = (...units: string[]): ChainOrder => ({
  id: 'c',
  service: 'shop',
  match: { destination: '10.0.0.9' },
  hops: units.map((unit) => ({ unit, ingress: 'eth0', egress: 'eth0' })),
});

/** Ports and units that do as they are told, or fail as often as is said. */
function world(...names: string[]) {
  const failing = { steer: 0, route: 0 };
  const ports: { tables: readonly SteeringTable[]; writes: number } = { tables: [], writes: 0 };
  const passing = new Map<string, readonly HopDevices[]>();
  const files = new Map<string, ChainRecord>();
  const units = new Map(names.map((name, index) => [name, heldUnit(name, index)]));
  const fail = (what: keyof typeof failing) => {
    if (failing[what] === 0) return;
    failing[what]--;
    throw new Error('nft: ended with SIGKILL');
  };
  const open = () =>
    createChainControl(
      units,
      {
        chains: () => [...files.values()],
        putChain: (record) => void files.set(record.order.id, record),
        dropChain: (id) => void files.delete(id),
      },
      {
        steer: async (tables) => {
          fail('steer');
          ports.tables = tables;
          ports.writes++;
        },
      },
      async (_, [device = ''], hops) => {
        fail('route');
        passing.set(device, hops);
      },
    );
  /** Whom a packet for the chain meets. */
  const way = () => {
    const [table] = ports.tables;
    const met: string[] = [];
    for (let next = table?.forward.entry?.next[0]; next !== undefined; ) {
      const { mac } = next;
      const at = [...units.values()].find(({ record }) => record.interfaces[0]?.mac === mac)?.record;
      met.push(at?.order.id ?? '');
      next = table?.forward.at.get(at?.interfaces[0]?.port ?? '')?.[0];
    }
    return met.join(' ');
  };
  const passers = () =>
    [...passing].flatMap(([device, hops]) => (hops.length > 0 ? [device] : [])).toSorted();
  return { chains: open(), open, failing, ports, files, way, passers };
}

test('a chain that could not be applied is applied when it is set again', async () => {
  const { chains, failing, files, way, passers } = world('wall', 'web');
  failing.steer = 1;
  await expect(chains.set(order('wall', 'web'))).rejects.toThrow('SIGKILL');
  expect(files.size).toBe(0);
  await chains.set(order('wall', 'web'));
  expect(way()).toBe('wall web');
  expect(passers()).toEqual(['wall', 'web']);
  expect(files.get('c')?.order.hops).toHaveLength(2);
});

test('one whose units could not be told is told them when it is set again', async () => {
  const { chains, failing, way, passers } = world('wall', 'web');
  failing.route = 1;
  await expect(chains.set(order('wall', 'web'))).rejects.toThrow('SIGKILL');
  expect(way()).toBe('');
  await chains.set(order('wall', 'web'));
  expect(way()).toBe('wall web');
  expect(passers()).toEqual(['wall', 'web']);
});

test('a change that stopped half way goes on, also when another one is wanted, or the one before', async () => {
  for (const wanted of [['wall', 'limiter', 'web'], ['limiter', 'web'], ['wall', 'web'], ['web']]) {
    const { chains, failing, files, way, passers } = world('wall', 'limiter', 'web');
    await chains.set(order('wall', 'web'));
    failing.steer = 1;
    await expect(chains.set(order('wall', 'limiter', 'web'))).rejects.toThrow('SIGKILL');
    await chains.set(order(...wanted));
    expect(way()).toBe(wanted.join(' '));
    expect(passers()).toEqual(wanted.toSorted());
    expect(files.get('c')?.order.hops.map(({ unit }) => unit)).toEqual(wanted);
  }
});

test('another chain that is set meanwhile does not bring back what a failed one was before', async () => {
  const { chains, failing, ports } = world('wall', 'limiter', 'web');
  await chains.set(order('wall', 'web'));
  failing.steer = 1;
  await expect(chains.set(order('wall', 'limiter', 'web'))).rejects.toThrow('SIGKILL');
  await chains.set({ ...order('web'), id: 'other', match: { destination: '10.0.0.7' } });
  // The hop that was being prepared stays prepared, and nobody is sent to it yet.
  const table = ports.tables.find(({ id }) => id === 'c');
  expect([...(table?.forward.at.keys() ?? [])].toSorted()).toEqual(['plimiter', 'pwall', 'pweb']);
  expect(table?.forward.at.get('pwall')).toMatchObject([{ unit: 'web' }]);
});

test('one whose removal failed is not taken for set, and goes when it is removed again', async () => {
  const { chains, failing, files, way, passers, ports } = world('wall', 'web');
  await chains.set(order('wall', 'web'));
  failing.steer = 1;
  await expect(chains.remove('c')).rejects.toThrow('SIGKILL');
  await chains.set(order('wall', 'web'));
  expect(way()).toBe('wall web');
  failing.route = 1;
  await expect(chains.remove('c')).rejects.toThrow('SIGKILL');
  expect(files.size).toBe(1);
  await chains.remove('c');
  expect([way(), passers(), files.size]).toEqual(['', [], 0]);
  await chains.set({ ...order('web'), id: 'other' });
  expect(ports.tables.map(({ id }) => id)).toEqual(['other']);
});

test('set again as it is, nothing is written', async () => {
  const { chains, ports } = world('wall', 'web');
  await chains.set(order('wall', 'web'));
  const { writes } = ports;
  await chains.set(order('wall', 'web'));
  expect(ports.writes).toBe(writes);
});

test('who takes over in the middle of a change has ports and units do what was set last', async () => {
  const { chains, open, failing, way, passers } = world('wall', 'limiter', 'web');
  await chains.set(order('wall', 'web'));
  failing.steer = 1;
  await expect(chains.set(order('wall', 'limiter', 'web'))).rejects.toThrow('SIGKILL');
  expect(passers()).toContain('limiter');
  await open().adopt();
  expect(way()).toBe('wall web');
  expect(passers()).toEqual(['wall', 'web']);
});

function heldUnit(name: string, index: number): HeldUnit {
  const own = identify(process.pid);
  if (own === undefined) throw new Error('no process');
  const record: UnitRecord = {
    format: 1,
    order: {
      id: name,
      service: 'shop',
      unit: {
        id: name,
        member: name,
        vdu: 'vm',
        demand: { vcpus: 1, memoryMib: 128, storageGb: 0 },
        sites: [],
        affinity: [],
        antiAffinity: [],
      },
      host: 'h',
      image: { catalogue: 'forwarder' },
      interfaces: [{ name: 'eth0', link: 'lan' }],
      parameters: {},
    },
    site: 's',
    user: 1000,
    interfaces: [
      {
        name: 'eth0',
        device: name,
        link: LINK,
        vni: 1,
        mac: `02:00:00:00:00:0${index}`,
        address: `10.0.0.${index + 1}`,
        prefixLength: 24,
        port: `p${name}`,
      },
    ],
    process: own,
    ready: true,
  };
  return {
    record,
    program: {
      command: [],
      health: { kind: 'process' },
      capabilities: [],
      primitives: [],
      vcpus: undefined,
      memoryMib: undefined,
    },
    dir: '/nowhere',
    cgroup: {
      joins: [],
      create: () => {},
      processes: () => [],
      end: async () => {},
      usage: () => ({ cpuSeconds: 0, memoryMib: 0 }),
    },
    state: 'running',
    reason: undefined,
    stopping: false,
    complaints: 0,
    askedAtMs: 0,
  };
}
