import { describe, expect, it } from 'vitest';
import type { UnitTask } from '../../protocol/placement.ts';
import { bidForUnit } from './bid-for-unit.ts';
import { checkBid } from './check-bid.ts';
import { emptyView } from './substrate-view.ts';
import { ring, unit } from './testing/small-substrate.ts';
import { topologyOf } from './topology.ts';

const topology = topologyOf(ring({ bytesPerSec: [100, 100, 100, 5] }));
const weights = { links: 12, host: 4 };
const [h0, h1, h2, h3] = topology.hosts.map((host) => host.name);
const [s0, s1] = topology.substrate.sites;
if (h0 === undefined || h1 === undefined || h2 === undefined || h3 === undefined)
  throw new Error('four hosts');
if (s0 === undefined || s1 === undefined) throw new Error('four sites');

function task(more: Partial<UnitTask> = {}): UnitTask {
  const { id, demand, sites } = unit('u', 5);
  return {
    chain: 0,
    unit: { id, demand, sites },
    room: demand,
    bytesPerSec: 10,
    neighbours: [],
    takenLinks: [],
    takenHosts: [],
    notHosts: [],
    notSites: [],
    ...more,
  };
}

const offer = (asked: UnitTask, hosts: readonly number[]) =>
  bidForUnit({ topology, view: emptyView(topology), weights }, asked, hosts);
const bidOf = (asked: UnitTask, hosts: readonly number[]) => {
  const made = offer(asked, hosts);
  if (made.kind !== 'bid') throw new Error(made.refusal.reason);
  return made.bid;
};

describe('a bid for a unit', () => {
  it('adds up bandwidth x hops and both scarcities, each told as a part', () => {
    const bid = bidOf(task({ neighbours: [{ link: 'x', host: h1, bytesPerSec: 10 }] }), [0]);
    // One hop of 10; the links at h0 have 100 + 5 free of which 10 are needed; half of its vCPUs.
    expect(bid.parts.map(({ name, value }) => [name, value])).toEqual([
      ['hops', 10],
      ['link scarcity', (12 * 10) / 105],
      ['host scarcity', 4 * 0.5],
    ]);
    expect(bid.price).toBeCloseTo(10 + 120 / 105 + 2);
    expect(bid.routes).toEqual([{ link: 'x', path: ['l0'] }]);
  });

  it('goes the longer way round where the shorter has no room', () => {
    const bid = bidOf(task({ neighbours: [{ link: 'x', host: h3, bytesPerSec: 10 }] }), [0]);
    expect(bid.routes[0]?.path).toEqual(['l0', 'l1', 'l2']);
    expect(bid.parts[0]?.value).toBe(30);
  });

  it('counts what its chain has taken already', () => {
    const taken = {
      takenLinks: topology.links.slice(0, 1).map(({ id }): UnitTask['takenLinks'][number] => [id, 95]),
    };
    const refused = offer(task({ ...taken, neighbours: [{ link: 'x', host: h1, bytesPerSec: 10 }] }), [0]);
    expect(refused).toMatchObject({
      kind: 'refusal',
      refusal: { lacks: [{ what: 'bytesPerSec', where: 'h0 to h1', wanted: 10, free: 5 }] },
    });
    expect(offer(task({ takenHosts: [[h0, 6, 0, 0]] }), [0])).toMatchObject({
      kind: 'refusal',
      refusal: { reason: 'host h0 has 4 of 5 vCPU' },
    });
  });

  it('keeps to latency bounds', () => {
    const neighbours = [{ link: 'x', host: h3, bytesPerSec: 10, maxLatencyMs: 2 }];
    expect(offer(task({ neighbours }), [0])).toMatchObject({ kind: 'refusal' });
    expect(
      offer(task({ neighbours: [{ link: 'x', host: h2, bytesPerSec: 10, maxLatencyMs: 2 }] }), [0]).kind,
    ).toBe('bid');
  });

  it('keeps to affinity, anti-affinity and the wanted sites', () => {
    expect(offer(task({ onlyHost: h1 }), [0]).kind).toBe('refusal');
    expect(offer(task({ onlySite: s1 }), [0]).kind).toBe('refusal');
    expect(offer(task({ notHosts: [h0] }), [0]).kind).toBe('refusal');
    expect(offer(task({ notSites: [s0] }), [0]).kind).toBe('refusal');
    const { id, demand } = unit('u', 5);
    expect(offer(task({ unit: { id, demand, sites: [s1] } }), [0]).kind).toBe('refusal');
    expect(bidOf(task({ unit: { id, demand, sites: [s1] } }), [0, 1]).host).toBe(h1);
  });

  it('asks for the room of all who have to follow by affinity', () => {
    expect(offer(task({ room: { vcpus: 11, memoryMib: 0, storageGb: 0 } }), [0]).kind).toBe('refusal');
  });

  it('lets the energy price decide between equal bids only', () => {
    const substrate = ring();
    substrate.hosts.forEach((host, index) => {
      host.energyPrice = [3, 1, 2, 4][index] ?? 0;
    });
    const priced = topologyOf(substrate);
    const made = bidForUnit({ topology: priced, view: emptyView(priced), weights }, task(), [0, 1, 2, 3]);
    expect(made).toMatchObject({ kind: 'bid', bid: { host: h1 } });
    const near = task({ neighbours: [{ link: 'x', host: h3, bytesPerSec: 10 }], notHosts: [h3] });
    const nearest = bidForUnit({ topology: priced, view: emptyView(priced), weights }, near, [0, 1, 2, 3]);
    expect(nearest).toMatchObject({ kind: 'bid', bid: { host: h2 } });
  });
});

describe('the check of a bid', () => {
  const asked = task({ neighbours: [{ link: 'x', host: h1, bytesPerSec: 10, maxLatencyMs: 1 }] });
  const bid = bidOf(asked, [0]);
  const link = (number: number) => {
    const found = topology.links[number];
    if (found === undefined) throw new Error('four links');
    return found.id;
  };

  it('counts bandwidth x hops itself', () => {
    expect(checkBid(topology, asked, bid, 's0')).toEqual({ ok: true, host: 0, byteHops: 10 });
  });

  it.each([
    ['a host of another site', { ...bid, host: h2 }],
    ['no way to a neighbour', { ...bid, routes: [] }],
    ['a way that leads elsewhere', { ...bid, routes: [{ link: 'x', path: [link(3)] }] }],
    ['a way in a circle', { ...bid, routes: [{ link: 'x', path: [link(0), link(0), link(0)] }] }],
    ['a way that takes too long', { ...bid, routes: [{ link: 'x', path: [link(3), link(2), link(1)] }] }],
  ])('refuses %s', (_, wrong) => {
    expect(checkBid(topology, asked, wrong, 's0').ok).toBe(false);
  });
});
