import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemoryBus } from '../../adapters/bus-memory/memory-bus.ts';
import { createVirtualClock } from '../../adapters/clock-virtual/virtual-clock.ts';
import { CHAIN_TERMS } from '../../core/negotiation/chain-spec.ts';
import { chainOfUnits, ring, unit } from '../../core/placement/testing/small-substrate.ts';
import type { Placement, ServiceGraph } from '../../protocol/service-graph.ts';
import type { PlacementOutcome, PlacementRequest } from '../services/placer.ts';
import { createAgentPlacer } from './agent-placer.ts';
import { createPlacingAgents, type PlacingAgents } from './placing-agents.ts';

const SUBSTRATE = ring();
const signal = new AbortController().signal;
const running: PlacingAgents[] = [];
afterEach(() => {
  for (const agents of running.splice(0)) agents.stop();
});

/** Sites s0 to s3, each of one host of 10 vCPUs, with books that are empty. */
function bench(substrate = SUBSTRATE) {
  const clock = createVirtualClock({ startAtMs: 0 });
  const agents = createPlacingAgents({
    substrate,
    clock,
    bus: createMemoryBus(clock, 1),
    terms: CHAIN_TERMS,
    orchestrators: 4,
  });
  running.push(agents);
  const placer = createAgentPlacer(agents, substrate);
  /** Lets time pass until it is settled. */
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const end = () => {
      over = true;
    };
    work.then(end, end);
    for (let turn = 0; turn < 10_000; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      if (over) return work;
      clock.runUntil(clock.nowMs() + 5);
    }
    throw new Error('it does not settle');
  };
  const pass = () => clock.runUntil(clock.nowMs() + 5000);
  const place = (id: string, graph: ServiceGraph, more: Partial<PlacementRequest> = {}) =>
    settled(placer.place({ id, graph, keep: [], avoidSites: [], ...more }, signal));
  /** `unit host` of all that is in the books, and `link` of what is booked between hosts. */
  const books = () => {
    pass();
    const all = agents.desks().flatMap((desk) => desk.bookings());
    expect(all.every(({ state }) => state === 'confirmed')).toBe(true);
    const reservations = all.map(({ reservation }) => reservation);
    return {
      units: reservations.flatMap(({ hosts }) => hosts.map((each) => `${each.for} ${each.host}`)).sort(),
      links: reservations.flatMap(({ links }) => links.map((each) => each.for)).sort(),
    };
  };
  return { placer, place, settled, books };
}

function placed(outcome: PlacementOutcome): Placement {
  if (outcome.kind === 'placed') return outcome.placement;
  throw new Error(outcome.reasons.join('; '));
}

const inWords = ({ units }: Placement) => units.map(({ unit: id, host }) => `${id} ${host}`).sort();
const shop = (...units: readonly string[]) =>
  chainOfUnits(
    'shop',
    units.map((id) => unit(id, 4)),
    10,
  );

describe('services placed by the agents of sites', () => {
  it('are in the books where the answer says, and gone when all is given back', async () => {
    const { placer, place, settled, books } = bench();
    const outcome = placed(await place('first', shop('a', 'b', 'c')));
    expect(books().units).toEqual(inWords(outcome));
    await settled(placer.release('shop'));
    expect(books()).toEqual({ units: [], links: [] });
    await settled(placer.release('shop'));
    await settled(placer.release('unknown', ['a']));
  });

  it('keep the units that stay where they are, and take the new one beside them', async () => {
    const { place, books } = bench();
    const before = placed(await place('first', shop('a', 'b')));
    const after = placed(await place('second', shop('a', 'b', 'c'), { keep: before.units }));
    expect(inWords(after)).toEqual(expect.arrayContaining(inWords(before)));
    expect(books().units).toEqual(inWords(after));
  });

  it('keep what is booked between units that stay, also when more is asked for by now', async () => {
    const { place, books } = bench();
    const three = ['a', 'b', 'c'].map((id) => unit(id, 6));
    const before = placed(await place('first', chainOfUnits('shop', three.slice(0, 2), 10)));
    const { links, ...more } = chainOfUnits('shop', three, 10);
    // More than any link has.
    const graph = {
      ...more,
      links: links.map((each) => ({ ...each, bytesPerSec: each.ends.includes('c') ? 10 : 1000 })),
    };
    const [agents] = running;
    if (agents === undefined) throw new Error('agents are expected');
    const asked = vi.spyOn(agents, 'apply');
    const after = placed(await place('second', graph, { keep: before.units }));
    expect(books().units).toEqual(inWords(after));
    expect(asked.mock.calls[0]?.[0].links.map(({ bytesPerSec }) => bytesPerSec)).toEqual([10, 10]);
  });

  it('give back the units that go, with their links, and have room for others there', async () => {
    const { placer, place, settled, books } = bench();
    const before = placed(await place('first', shop('a', 'b', 'c')));
    await settled(placer.release('shop', ['b']));
    expect(books()).toEqual({ units: inWords(before).filter((each) => !each.startsWith('b ')), links: [] });
    // Its replacement is placed beside those that are left, and all of it given back at the end.
    const healed = placed(await place('heal', shop('a', 'b2', 'c'), { keep: before.units }));
    expect(books().units).toEqual(inWords(healed));
    await settled(placer.release('shop', ['a']));
    await settled(placer.release('shop', ['b2', 'c']));
    expect(books()).toEqual({ units: [], links: [] });
  });

  it('are replaced make before break, away from sites that cannot be reached', async () => {
    const { placer, place, settled, books } = bench();
    const before = placed(await place('first', shop('a')));
    const [site] = before.units.map((each) => each.site);
    if (site === undefined) throw new Error('it is placed nowhere');
    const after = placed(await place('heal', shop('a2'), { avoidSites: [site] }));
    expect(after.units.find((each) => each.unit === 'a2')?.site).not.toBe(site);
    expect(books().units).toHaveLength(2);
    await settled(placer.release('shop', ['a']));
    expect(books().units).toEqual(inWords(after).filter((each) => each.startsWith('a2 ')));
    const nowhere = { ...shop('x'), service: 'other', units: [unit('x', 1, { sites: [site] })] };
    expect(await place('other', nowhere, { avoidSites: [site] })).toMatchObject({
      kind: 'refused',
      reasons: [expect.stringContaining(`x may run at ${site} alone`)],
    });
  });

  it('are answered the same when they are asked for again under the same name, and booked once', async () => {
    const { place, books } = bench();
    const first = await place('one', shop('a', 'b'));
    expect(await place('one', shop('a', 'b'))).toEqual(first);
    expect(books().units).toEqual(inWords(placed(first)));
  });

  it('are refused with what lacks where, with nothing booked, and placed on the same request when there is room', async () => {
    const { placer, place, settled, books } = bench();
    await place(
      'filler',
      chainOfUnits('filler', [unit('x', 9), unit('y', 9), unit('z', 9), unit('w', 9)], 0),
    );
    const before = books();
    const refused = await place('shop', shop('a'));
    expect(refused).toMatchObject({
      kind: 'refused',
      reasons: [expect.stringMatching(/h\d has 1 of 4 vCPU/)],
    });
    expect(books()).toEqual(before);
    await settled(placer.release('filler', ['x']));
    expect(placed(await place('shop', shop('a'))).units).toHaveLength(1);
  });

  it('are booked where they run when agents that know nothing take them over, and no host twice', async () => {
    const first = bench();
    const graph = shop('a', 'b', 'c');
    const placement = placed(await first.place('first', graph));
    const before = first.books();
    const second = bench();
    await second.settled(second.placer.adopt([{ graph, placement }]));
    expect(second.books()).toEqual(before);
    // What is booked counts, goes on being changed, and is given back.
    const rest = chainOfUnits('rest', [unit('x', 8), unit('y', 8), unit('z', 8)], 0);
    expect((await second.place('rest', rest)).kind).toBe('refused');
    await second.settled(second.placer.release('shop', ['b']));
    expect(second.books().units).toEqual(before.units.filter((each) => !each.startsWith('b ')));
    await second.settled(second.placer.release('shop'));
    expect(second.books()).toEqual({ units: [], links: [] });
  });

  it('are not booked on hosts that the network does not have any more, and said to be where they do not fit', async () => {
    const graph = shop('a', 'b', 'c');
    const first = bench();
    const placement = placed(await first.place('first', graph));
    const lost = placement.units.find(({ unit: id }) => id === 'b')?.host;
    const hosts = SUBSTRATE.hosts.filter(({ name }) => name !== lost);
    const links = SUBSTRATE.links.filter(({ ends }) => !ends.some((end) => end === lost));
    const second = bench({ ...SUBSTRATE, hosts, links });
    await second.settled(second.placer.adopt([{ graph, placement }]));
    expect(second.books().units).toEqual(
      inWords(placement).filter((each) => lost === undefined || !each.endsWith(lost)),
    );
    const small = bench(ring({ vcpus: [3, 3, 3, 3] }));
    await expect(small.settled(small.placer.adopt([{ graph, placement }]))).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/shop cannot be booked where it runs: .*vCPU/),
    });
  });

  it('go on being worked at when nobody waits any more, so that what is given back afterwards is all of it', async () => {
    const { placer, settled, books } = bench();
    const impatient = new AbortController();
    const asked = placer.place(
      { id: 'one', graph: shop('a', 'b'), keep: [], avoidSites: [] },
      impatient.signal,
    );
    impatient.abort(new Error('nobody waits'));
    await expect(asked).rejects.toThrow('nobody waits');
    await settled(placer.release('shop', ['a', 'b']));
    expect(books()).toEqual({ units: [], links: [] });
  });
});
