import { describe, expect, it, vi } from 'vitest';
import { chainOfUnits, ring, unit } from '../../core/placement/testing/small-substrate.ts';
import { nodeName } from '../../protocol/ids.ts';
import type { OfferOutcome, OfferRequest } from '../services/placer.ts';
import { createAgentPlacer } from './agent-placer.ts';
import { SiteProcesses } from './testing/site-processes.ts';

const SUBSTRATE = ring({ vcpus: [5, 5, 10, 0] });
const signal = new AbortController().signal;
const at = (site: string) => ({ sites: [nodeName(site)] });
const WEB = chainOfUnits('web', [unit('a', 5, at('s0')), unit('b', 5)], 10, false);
const NEXT = chainOfUnits('web', [unit('a', 5, at('s0')), unit('b2', 5)], 10, false);
const ASKED: OfferRequest = {
  service: 'web',
  movable: [{ unit: 'b', sites: [] }],
  budget: 1,
  margin: 0.1,
  avoidSites: [],
};

/** b runs two links away from a, as h1 between them was taken when it came; by now that is free. */
async function bench() {
  const sites = new SiteProcesses(SUBSTRATE);
  sites.start();
  sites.run(100);
  const placer = createAgentPlacer(sites.placing, SUBSTRATE);
  const settled = async <T>(work: Promise<T>): Promise<T> => {
    let over = false;
    const end = () => {
      over = true;
    };
    work.then(end, end);
    for (let turn = 0; turn < 40_000 && !over; turn++) await sites.clock.passUntil(sites.clock.nowMs() + 5);
    return work;
  };
  const blocker = chainOfUnits('blocker', [unit('x', 5, at('s1'))], 0);
  for (const graph of [blocker, WEB]) {
    const outcome = await settled(
      placer.place({ id: graph.service, graph, keep: [], avoidSites: [] }, signal),
    );
    expect(outcome.kind).toBe('placed');
  }
  await settled(placer.release('blocker'));
  sites.run(1000);
  expect(sites.booked()).toEqual(FAR);
  return { sites, placer, settled };
}

const FAR = ['web a at h0', 'web a-b at l0', 'web a-b at l1', 'web b at h2'];

function offered(outcome: OfferOutcome) {
  if (outcome.kind === 'offered') return outcome.offer;
  throw new Error(outcome.reasons.join('; '));
}

describe('a placed service that is asked about', () => {
  it('is offered places of which nothing is booked, then has them beside its own, and gives those back', async () => {
    const { sites, placer, settled } = await bench();
    const { moves, links, cost } = offered(await settled(placer.offer(ASKED, signal)));
    expect(moves).toEqual([{ unit: 'b', host: 'h1', site: 's1' }]);
    expect([cost, links]).toEqual([{ now: 20, after: 10 }, [{ ends: ['a', 'b'], path: ['l0'] }]]);
    sites.run(5000);
    expect(sites.booked()).toEqual(FAR);

    const to = {
      units: [{ unit: 'b2', host: nodeName('h1'), site: nodeName('s1') }],
      links: [{ link: 'a-b2', path: [nodeName('l0')] }],
      leaving: ['b'],
    };
    const request = { id: 'move', graph: NEXT, keep: [], avoidSites: [], at: to };
    expect((await settled(placer.place(request, signal))).kind).toBe('placed');
    sites.run(1000);
    expect(sites.booked()).toEqual([...FAR, 'web a-b2 at l0', 'web b2 at h1'].sort());
    await settled(placer.release('web', ['b']));
    sites.run(5000);
    expect(sites.booked()).toEqual(['web a at h0', 'web a-b2 at l0', 'web b2 at h1']);
    expect(sites.faults).toEqual([]);
  });

  it('is asked about by another agent when the first one ends over it, and nothing is left of that', async () => {
    const { sites, placer, settled } = await bench();
    const first = sites.placing.orchestratorOf('web');
    if (first === undefined) throw new Error('nobody has placed it');
    sites.onSend = ({ performative, sender }) => {
      if (performative !== 'cfp' || sender !== first) return;
      sites.onSend = () => {};
      sites.clock.at(sites.clock.nowMs(), () => sites.kill(first));
    };
    const { moves } = offered(await settled(placer.offer({ ...ASKED, avoidSites: [] }, signal)));
    sites.start([first]);
    sites.run(10_000);
    expect(moves.map(({ host }) => host)).toEqual(first === 'a-s1' ? [] : ['h1']);
    expect(sites.booked()).toEqual(FAR);
  });

  it('is offered nothing where nobody may go, and what is taken meanwhile is refused', async () => {
    const { sites, placer, settled } = await bench();
    const avoided = { ...ASKED, avoidSites: [nodeName('s1')] };
    expect(offered(await settled(placer.offer(avoided, signal))).moves).toEqual([]);
    const elsewhere = { ...ASKED, movable: [{ unit: 'b', sites: [nodeName('s2')] }] };
    expect(offered(await settled(placer.offer(elsewhere, signal))).moves).toEqual([]);
    const taken = chainOfUnits('mail', [unit('x', 5, at('s1'))], 0);
    await settled(placer.place({ id: 'mail', graph: taken, keep: [], avoidSites: [] }, signal));
    const to = {
      units: [{ unit: 'b2', host: nodeName('h1'), site: nodeName('s1') }],
      links: [{ link: 'a-b2', path: [nodeName('l0')] }],
      leaving: ['b'],
    };
    const request = { id: 'move', graph: NEXT, keep: [], avoidSites: [], at: to };
    expect((await settled(placer.place(request, signal))).kind).toBe('refused');
    sites.run(10_000);
    expect(sites.booked()).toEqual(['mail x at h1', ...FAR]);
  });

  it.each([
    [
      'a unit goes where its service does not allow it',
      { unit: 'a', host: 'h1', site: 's1' },
      /answer-refused/,
    ],
    ['no way leads to where a unit goes', { unit: 'b', host: 'h3', site: 's3' }, /answer-refused/],
    ['a host is at another site', { unit: 'b', host: 'h1', site: 's2' }, /answer-refused/],
  ])('takes no answer by which %s', async (_, place, fault) => {
    const { sites, placer, settled } = await bench();
    const { take } = sites.placing;
    vi.spyOn(sites.placing, 'take').mockImplementation((agent, action) => {
      const said = JSON.parse(JSON.stringify(action));
      const units = said.placed?.placement.units;
      for (const each of units ?? []) if (each.unit === place.unit) Object.assign(each, place);
      return take.call(sites.placing, agent, said);
    });
    const outcome = await settled(placer.offer(ASKED, signal));
    expect(outcome.kind).toBe('refused');
    expect(sites.faults.join('\n')).toMatch(fault);
    vi.restoreAllMocks();
    sites.run(10_000);
    expect(sites.booked()).toEqual(FAR);
  });
});
