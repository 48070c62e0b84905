import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemoryBus } from '../../adapters/bus-memory/memory-bus.ts';
import { createVirtualClock } from '../../adapters/clock-virtual/virtual-clock.ts';
import { CHAIN_TERMS } from '../../core/negotiation/chain-spec.ts';
import { chainOfUnits, ring, unit } from '../../core/placement/testing/small-substrate.ts';
import { nodeName } from '../../protocol/ids.ts';
import { MOST_FLOW, type Placement, type ServiceGraph } from '../../protocol/service-graph.ts';
import type { PlacementOutcome, PlacementRequest } from '../services/placer.ts';
import { createAgentPlacer } from './agent-placer.ts';
import { createPlacingAgents, type LocalPlacingAgents } from './placing-agents.ts';

const SUBSTRATE = ring();
const signal = new AbortController().signal;
const running: LocalPlacingAgents[] = [];
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

  it('are refused for what lacks, also where as much as can be is asked for', async () => {
    const { place, books } = bench();
    const apart = ['a', 'b', 'c'].map((id) => unit(id, 6));
    const outcome = await place('first', chainOfUnits('shop', apart, MOST_FLOW));
    expect(outcome).toMatchObject({ kind: 'refused', reasons: [expect.stringContaining('bytes/s')] });
    expect(outcome).not.toMatchObject({ reasons: [expect.stringContaining('no answer')] });
    expect(books()).toEqual({ units: [], links: [] });
  });

  it('keep the units that stay where they are, and take the new one beside them', async () => {
    const { place, books } = bench();
    const before = placed(await place('first', shop('a', 'b')));
    const after = placed(await place('second', shop('a', 'b', 'c'), { keep: before.units }));
    expect(inWords(after)).toEqual(expect.arrayContaining(inWords(before)));
    expect(books().units).toEqual(inWords(after));
  });

  describe('between units that stay', () => {
    const three = ['a', 'b', 'c'].map((id) => unit(id, 6));
    /** What flows over links of the substrate, by what for: sums. */
    const flows = () => Object.fromEntries([...new Set(books().links)].map((id) => [id, flowOf(id)]));
    let current: ReturnType<typeof bench>;
    const flowOf = (id: string) =>
      Math.max(
        ...(running.at(-1)?.desks() ?? [])
          .flatMap((desk) => desk.bookings())
          .flatMap(({ reservation }) => reservation.links.filter((each) => each.for === id))
          .map(({ bytesPerSec }) => bytesPerSec),
      );
    const books = () => current.books();
    const graph = (bytesPerSec: number, units = three) => chainOfUnits('shop', units, bytesPerSec);
    const links = (bytesPerSec: number) => graph(bytesPerSec).links;

    it('more is booked when more is asked for, along the same ways, and given back when it is not', async () => {
      current = bench();
      const { placer, place, settled } = current;
      const before = placed(await place('first', graph(10)));
      expect(flows()).toEqual({ 'a-b': 10, 'b-c': 10 });
      const after = placed(await place('second', graph(30), { keep: before.units }));
      expect(inWords(after)).toEqual(inWords(before));
      expect(flows()).toEqual({ 'a-b': 10, 'a-b+1': 20, 'b-c': 10, 'b-c+1': 20 });
      const ways = new Map(after.links.map(({ link, path }) => [link, path]));
      expect(ways.get('a-b+1')).toEqual(ways.get('a-b'));
      // Not again what is booked; and once more on top of it.
      await place('again', graph(30), { keep: before.units });
      await place('third', graph(35), { keep: before.units });
      expect(flows()).toEqual({ 'a-b': 10, 'a-b+1': 20, 'a-b+2': 5, 'b-c': 10, 'b-c+1': 20, 'b-c+2': 5 });
      await settled(placer.lower('shop', links(30)));
      expect(flows()).toEqual({ 'a-b': 10, 'a-b+1': 20, 'b-c': 10, 'b-c+1': 20 });
      await settled(placer.lower('shop', links(10)));
      expect(flows()).toEqual({ 'a-b': 10, 'b-c': 10 });
      await place('fourth', graph(20), { keep: before.units });
      await settled(placer.release('shop', ['c']));
      expect(flows()).toEqual({ 'a-b': 10, 'a-b+1': 10 });
      await settled(placer.release('shop'));
      expect(books()).toEqual({ units: [], links: [] });
    });

    it('more is booked where whoever placed them last heard that there is no room, and there is by now', async () => {
      current = bench();
      const { placer, place, settled } = current;
      const pinned = (service: string, vcpus: number, bytesPerSec: number) =>
        chainOfUnits(
          service,
          [0, 1].map((site) => unit(`${service}${site}`, vcpus, { sites: [nodeName(`s${site}`)] })),
          bytesPerSec,
        );
      const before = placed(await place('first', pinned('shop', 4, 10)));
      placed(await place('other', pinned('other', 4, 85)));
      // The agent that placed the first hears of the second when its turn comes again.
      for (const id of ['x2', 'x3', 'x0']) placed(await place(id, pinned(id, 0, 1)));
      await settled(placer.release('other'));
      placed(await place('second', pinned('shop', 4, 60), { keep: before.units }));
      expect(flows()).toMatchObject({ 'shop0-shop1': 10, 'shop0-shop1+1': 50 });
    });

    it('what no link has is refused as a whole, with what lacks, and nothing changes', async () => {
      current = bench();
      const { place } = current;
      const before = placed(await place('first', graph(10)));
      const some = graph(10);
      const mixed = {
        ...some,
        links: some.links.map((each) =>
          each.id === 'a-b' ? { ...each, bytesPerSec: 1000 } : { ...each, bytesPerSec: 20 },
        ),
      };
      expect(await place('second', mixed, { keep: before.units })).toMatchObject({
        kind: 'refused',
        reasons: [
          expect.stringMatching(
            /^more cannot flow between units that run: .*link l\d has 90 of 990 bytes\/s/,
          ),
        ],
      });
      expect(flows()).toEqual({ 'a-b': 10, 'b-c': 10 });
    });

    it('more is given back when what is to run beside them has no place', async () => {
      current = bench();
      const { place } = current;
      const before = placed(await place('first', graph(10)));
      const big = graph(30, [...three, unit('d', 11)]);
      expect(await place('second', big, { keep: before.units })).toMatchObject({ kind: 'refused' });
      expect(flows()).toEqual({ 'a-b': 10, 'b-c': 10 });
    });

    it('more is booked where they run when agents that know nothing take them over', async () => {
      current = bench();
      const before = placed(await current.place('first', graph(10)));
      placed(await current.place('second', graph(30), { keep: before.units }));
      current = bench();
      // As records have it: one link with all that flows.
      await current.settled(current.placer.adopt([{ graph: graph(30), placement: before }]));
      expect(flows()).toEqual({ 'a-b': 30, 'b-c': 30 });
    });
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

  it('are replaced as a whole, however many units there are: the new ones are booked beside the old', async () => {
    const many = (from: number) => {
      const units = Array.from({ length: 200 }, (_, n) => unit(`${'web'.repeat(15)}/vm/${from + n}`, 0.02));
      return { ...chainOfUnits('shop', units, 10), spread: false };
    };
    const { placer, place, settled, books } = bench();
    const before = placed(await place('first', many(0)));
    const after = placed(await place('second', many(200)));
    expect(books().units).toHaveLength(400);
    await settled(
      placer.release(
        'shop',
        before.units.map((each) => each.unit),
      ),
    );
    expect(books().units).toEqual(inWords(after).filter((each) => !inWords(before).includes(each)));
    await settled(placer.release('shop'));
    expect(books()).toEqual({ units: [], links: [] });
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
    expect(await small.settled(small.placer.adopt([{ graph, placement }]))).toEqual([
      { service: 'shop', reason: expect.stringMatching(/host h\d has 3 of 4 vCPU/), mustLeave: true },
    ]);
    expect(small.books()).toEqual({ units: [], links: [] });
  });

  it('that do not fit where they run keep no other from being booked where it does', async () => {
    const first = bench();
    const before = chainOfUnits('before', [unit('x', 6)], 0);
    const at = placed(await first.place('before', before));
    const host = at.units[0]?.host;
    const second = bench();
    const late = { ...shop('a'), service: 'late' };
    const misplaced = { service: 'late', units: at.units.map((each) => ({ ...each, unit: 'a' })), links: [] };
    const big = { ...late, units: [unit('a', 5)] };
    const small = { ...late, service: 'small', units: [unit('a', 4)] };
    const misfits = await second.settled(
      second.placer.adopt([
        { graph: before, placement: at },
        { graph: big, placement: misplaced },
        { graph: small, placement: { ...misplaced, service: 'small' } },
      ]),
    );
    expect(misfits).toEqual([{ service: 'late', reason: `host ${host} has 4 of 5 vCPU`, mustLeave: true }]);
    expect(second.books().units).toEqual([`a ${host}`, `x ${host}`]);
    // It can be placed elsewhere afterwards.
    expect(placed(await second.place('moved', big)).units[0]?.host).not.toBe(host);
  });

  it('whose booking nobody answers for are told apart from those that have no room', async () => {
    const { placer, settled } = bench();
    const [agents] = running;
    if (agents === undefined) throw new Error('agents are expected');
    vi.spyOn(agents, 'apply').mockImplementationOnce((_, answered) =>
      answered({ ok: false, error: 'the agent of s1 is silent' }),
    );
    const at = {
      service: 'shop',
      units: [{ unit: 'a', host: nodeName('h1'), site: nodeName('s1') }],
      links: [],
    };
    // What is on record of the one before cannot be a service.
    const broken = { ...shop('a', 'a'), service: 'broken' };
    const all = [
      { graph: broken, placement: { ...at, service: 'broken' } },
      { graph: shop('a'), placement: at },
    ];
    expect(await settled(placer.adopt(all))).toEqual([
      { service: 'broken', reason: 'service broken uses an id twice', mustLeave: false },
      { service: 'shop', reason: 'the agent of s1 is silent', mustLeave: false },
    ]);
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
