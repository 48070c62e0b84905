import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keptFor } from '../../core/placement/kept-for.ts';
import { chainOfUnits, ring, unit } from '../../core/placement/testing/small-substrate.ts';
import { topologyOf } from '../../core/placement/topology.ts';
import type { AgentId } from '../../protocol/ids.ts';
import { agentId, nodeName } from '../../protocol/ids.ts';
import type { PlacedService } from '../../protocol/placed-service.ts';
import { PlacedServiceSchema } from '../../protocol/placed-service.ts';
import type { ServiceGraph } from '../../protocol/service-graph.ts';
import type { Answer } from './placing-agents.ts';
import { SiteProcesses } from './testing/site-processes.ts';

const substrate = ring();
const topology = topologyOf(substrate);
const web = chainOfUnits('web', [unit('a', 5), unit('b', 5), unit('c', 5)], 10);
const at = (site: number) => ({ sites: [nodeName(`s${site}`)] });
const agent = (site: number) => agentId(`a-s${site}`);

function up(): SiteProcesses {
  const sites = new SiteProcesses(substrate);
  sites.start();
  sites.run(100);
  return sites;
}

function apply(sites: SiteProcesses, graph: ServiceGraph, waitMs = 5000): Answer[] {
  const answers: Answer[] = [];
  sites.placing.apply(graph, (answer) => answers.push(answer));
  sites.run(waitMs);
  return answers;
}

function placed(answers: readonly Answer[]): PlacedService {
  const [answer] = answers;
  if (answers.length !== 1 || answer?.ok !== true) throw new Error(JSON.stringify(answers));
  return answer.placed;
}

/** What has to stand in the books for these services, as `SiteProcesses.booked` says it. */
function wanted(services: readonly PlacedService[]): readonly string[] {
  return services
    .flatMap((each) =>
      [...keptFor(each, topology).values()].flatMap(({ hosts, links }) => [
        ...hosts.map((one) => `${each.graph.service} ${one.for} at ${one.host}`),
        ...links.map((one) => `${each.graph.service} ${one.for} at ${one.link}`),
      ]),
    )
    .sort();
}

describe('services placed by agents in processes of their own', () => {
  it('are booked where they are said to be, refused with reasons, improved, and given back', () => {
    const sites = up();
    const first = placed(apply(sites, web));
    expect(sites.booked()).toEqual(wanted([first]));
    const [refused] = apply(sites, chainOfUnits('mail', [unit('x', 6), unit('y', 6)], 10));
    expect(refused).toMatchObject({ ok: false, error: expect.stringMatching(/has \d+ of 6 vCPU/) });
    let error: string | undefined = 'none yet';
    sites.placing.withdraw('web', (answer) => {
      error = answer;
    });
    sites.run(1000);
    expect([error, sites.booked()]).toEqual([undefined, []]);
    expect(sites.faults).toEqual([]);
  });

  it('count in a book whose agent has ended and come back', () => {
    const sites = up();
    const first = placed(apply(sites, web));
    const before = sites.booked();
    for (const each of sites.agents) {
      sites.kill(each);
      sites.run(100);
      sites.start([each]);
      sites.run(100);
    }
    expect(sites.booked()).toEqual(before);
    const [refused] = apply(sites, chainOfUnits('mail', [unit('x', 6), unit('y', 6)], 10));
    expect(refused?.ok).toBe(false);
    // Who placed it is another incarnation by now, and can give it back all the same.
    sites.placing.withdraw(first.graph.service);
    sites.run(1000);
    expect(sites.booked()).toEqual([]);
  });

  it('are not taken by a book that nobody has settled, also when nobody has heard that its agent is another', () => {
    const sites = up();
    placed(apply(sites, chainOfUnits('web', [unit('a', 5, at(2))], 0)));
    sites.startUntold(agent(2));
    const [refused] = apply(sites, chainOfUnits('mail', [unit('x', 5, at(2))], 0));
    expect(refused).toMatchObject({ ok: false, error: expect.stringMatching(/its book is closed/) });
    expect(sites.bookings(agent(2))).toEqual([]);
  });

  it('stand in the book of an agent that has ended and come back before it was known what it had booked', () => {
    const sites = up();
    sites.answersAfterMs = 1000;
    const answers: Answer[] = [];
    const web = chainOfUnits('web', [unit('a', 5, at(2))], 0);
    sites.placing.apply(web, (answer) => answers.push(answer));
    sites.run(500);
    expect(sites.bookings(agent(2))).toHaveLength(1);
    sites.kill(agent(2));
    sites.run(50);
    sites.start([agent(2)]);
    sites.run(50);
    expect([sites.bookings(agent(2)), answers]).toEqual([[], []]);
    sites.run(1000);
    expect(sites.booked()).toEqual(wanted([placed(answers)]));
  });

  it('are given up when somebody else has got what such an agent had booked', () => {
    const sites = up();
    sites.answersAfterMs = 1000;
    const answers = new Map<string, Answer>();
    const of = (service: string, vcpus: number) => chainOfUnits(service, [unit('a', vcpus, at(2))], 0);
    sites.placing.apply(of('web', 8), (answer) => answers.set('web', answer));
    sites.run(500);
    sites.kill(agent(2));
    sites.run(50);
    sites.start([agent(2)]);
    sites.run(50);
    sites.answersAfterMs = 2;
    sites.placing.apply(of('mail', 8), (answer) => answers.set('mail', answer));
    sites.run(5000);
    expect(answers.get('mail')).toMatchObject({ ok: true });
    expect(answers.get('web')).toMatchObject({
      ok: false,
      error: expect.stringMatching(/is lost: .*2 of 8 vCPU/),
    });
    expect(sites.booked()).toEqual(['mail a at h2']);
  });

  it('are placed by another agent when the one that was asked ends in the midst of it', () => {
    for (const performative of ['cfp', 'accept-proposal', 'confirm'] as const) {
      const sites = up();
      let killed: AgentId | undefined;
      sites.onSend = (message) => {
        if (message.performative !== performative || killed !== undefined) return;
        killed = message.sender;
        const { clock } = sites;
        clock.at(clock.nowMs() + 1, () => sites.kill(message.sender));
      };
      const first = placed(apply(sites, web, 60_000));
      expect(killed).toBeDefined();
      expect(first.bookings.every(({ booking }) => !booking.startsWith(`${killed}.`))).toBe(true);
      if (killed !== undefined) sites.start([killed]);
      sites.run(1000);
      expect(sites.booked()).toEqual(wanted([first]));
      expect(sites.faults).toEqual([expect.stringMatching(/^wish-lost/)]);
    }
  });

  it('are placed by another agent when the one that was asked is silent, whose bookings are worth nothing then', () => {
    const sites = up();
    sites.mute.add(agent(0));
    const answers = apply(sites, web, 30_000);
    expect(answers).toEqual([]);
    const ofMute = sites.booked();
    expect(ofMute.length).toBeGreaterThan(0);
    sites.run(60_000);
    const first = placed(answers);
    expect(sites.booked()).toEqual(wanted([first]));
    const ids = sites.agents.flatMap((each) => sites.bookings(each)).map(({ by }) => by);
    expect(ids).not.toContain(agent(0));
  });

  it('are placed by another agent as soon as the site of the one that was asked is known to be lost, and forgotten there once it is back', () => {
    const sites = up();
    const answers: Answer[] = [];
    const kept = placed(apply(sites, chainOfUnits('kept', [unit('k', 1, at(0))], 0)));
    // Whoever is asked for the next one, in turn.
    sites.cutOff(agent(1));
    sites.placing.apply(web, (answer) => answers.push(answer));
    sites.run(300);
    expect(answers).toEqual([]);
    sites.placing.siteLost('s1');
    sites.run(3000);
    const first = placed(answers);
    expect(sites.placing.orchestratorOf('web')).not.toBe(agent(1));
    expect(first.placement.units.map(({ site }) => site)).not.toContain('s1');
    sites.reached(agent(1));
    sites.placing.siteBack('s1');
    sites.run(5000);
    expect(sites.placing.ready()).toEqual(sites.agents);
    expect(sites.booked()).toEqual(wanted([kept, first]));
  });

  it('are not waited for at a site that is known to be lost', () => {
    const sites = up();
    sites.cutOff(agent(3));
    const answers: Answer[] = [];
    sites.placing.apply(web, (answer) => answers.push(answer));
    sites.run(300);
    // The first round waits for all of its sites.
    expect(answers).toEqual([]);
    sites.placing.siteLost('s3');
    sites.run(200);
    expect(placed(answers).placement.units.map(({ site }) => site)).not.toContain('s3');
    expect(sites.faults).toEqual([]);
  });

  it('do not wait for the agent of a site that is back without it', () => {
    const sites = up();
    const keep = placed(apply(sites, web)).placement;
    const before = sites.placing.orchestratorOf('web');
    if (before === undefined) throw new Error('nobody has placed it');
    // It is attested still, and says nothing any more.
    sites.cutOff(before);
    sites.placing.siteLost(before.slice('a-'.length));
    sites.placing.siteBack(before.slice('a-'.length));
    const answers: Answer[] = [];
    const more = chainOfUnits('web', [unit('a', 5), unit('b', 5), unit('c', 5), unit('d', 1)], 10);
    sites.placing.apply(more, (answer) => answers.push(answer), { keep });
    sites.run(1500);
    expect(sites.placing.orchestratorOf('web')).not.toBe(before);
    expect(answers).toHaveLength(1);
    let error: string | undefined = 'none yet';
    sites.placing.withdraw('web', (answer) => {
      error = answer;
    });
    sites.run(500);
    expect(error).toBeUndefined();
    sites.reached(before);
    sites.run(10_000);
    expect(sites.booked()).toEqual([]);
  });

  it('are not in the book of a site that is back, once they have moved away from it', () => {
    const sites = up();
    const graph = chainOfUnits('web', [unit('a', 5, { sites: [nodeName('s1'), nodeName('s2')] })], 0);
    const before = placed(apply(sites, graph));
    const [from] = before.placement.units.map(({ site }) => site);
    if (from === undefined) throw new Error('nothing is placed');
    const there = agentId(`a-${from}`);
    sites.cutOff(there);
    sites.placing.siteLost(from);
    const moved: Answer[] = [];
    const anew = chainOfUnits('web', [unit('b', 5, { sites: [nodeName('s1'), nodeName('s2')] })], 0);
    sites.placing.apply(anew, (answer) => moved.push(answer), { avoidSites: [from] });
    sites.run(3000);
    const after = placed(moved);
    expect(sites.bookings(there)).toHaveLength(1);
    sites.reached(there);
    sites.placing.siteBack(from);
    sites.run(5000);
    expect(sites.booked()).toEqual(wanted([after]));
    expect(sites.placing.ready()).toEqual(sites.agents);
  });

  it('are bargained for by an agent that reaches the others, where some are cut off', () => {
    const sites = up();
    const first = placed(apply(sites, web));
    const before = sites.placing.orchestratorOf('web');
    const cutOff = topology.substrate.sites.filter((site) => before === `a-${site}`);
    const answers: Answer[] = [];
    const keep = first.placement;
    const more = chainOfUnits('web', [unit('a', 5), unit('b', 5), unit('c', 5), unit('d', 1)], 10);
    sites.placing.apply(more, (answer) => answers.push(answer), { keep, avoidSites: cutOff });
    sites.run(1000);
    expect(placed(answers).placement.units).toHaveLength(4);
    expect(sites.placing.orchestratorOf('web')).not.toBe(before);
    expect(sites.booked()).toEqual(wanted([placed(answers)]));
  });

  it('are not believed where they are not what was asked for', () => {
    const sites = up();
    const forged: PlacedService[] = [];
    const { placing } = sites;
    const take = placing.take.bind(placing);
    // The agent that was asked answers with another placement than it has booked.
    placing.take = (by, action) => {
      const answer = action['placed'];
      if (typeof answer === 'object' && answer !== null && !Array.isArray(answer) && 'placement' in answer) {
        const lie = PlacedServiceSchema.parse(structuredClone(answer));
        const [one] = lie.placement.units;
        if (one !== undefined) one.host = nodeName('h3');
        forged.push(lie);
        return take(by, { ...action, placed: lie as never });
      }
      return take(by, action);
    };
    const [answer] = apply(sites, chainOfUnits('web', [unit('a', 5, at(1))], 0), 60_000);
    expect(forged.length).toBe(3);
    expect(answer).toMatchObject({ ok: false, error: expect.stringMatching(/is not at|is not allowed/) });
    expect(sites.faults[0]).toMatch(/^answer-refused/);
  });

  it('are answered by nobody but the agent that was asked', () => {
    const sites = up();
    const answers: Answer[] = [];
    sites.placing.apply(web, (answer) => answers.push(answer));
    const lie = { kind: 'placing-answer', wish: 5, service: 'web', ok: false, error: 'no' } as const;
    expect(sites.placing.take(agent(3), lie)).toMatch(/answers what a-s0 was asked/);
    expect(sites.placing.take(agent(3), { ...lie, wish: 99 })).toMatch(/nobody waits/);
    expect(sites.placing.take(agent(0), { ...lie, more: 1 })).toMatch(/cannot be read/);
    const said = sites.posted;
    // Nobody was ever asked that: nothing is settled for it, however often it is said.
    for (let each = 0; each < 100; each++) sites.placing.take(agent(3), { ...lie, wish: 99 });
    expect(sites.posted).toBe(said);
    sites.run(5000);
    placed(answers);
  });

  it('are refused at once when it takes too much to ask for them', () => {
    const sites = up();
    const units = Array.from({ length: 200 }, (_, index) => unit(`${'u'.repeat(240)}${index}`, 1));
    const links = Array.from({ length: 2000 }, (_, index) => ({
      id: `${'l'.repeat(200)}${index}`,
      ends: [units[0]?.id ?? '', units[1]?.id ?? ''] as [string, string],
      bytesPerSec: 1,
    }));
    const [answer] = apply(sites, { service: 'huge', units, links, spread: false }, 10);
    expect(answer).toMatchObject({ ok: false, error: expect.stringMatching(/characters to ask for it/) });
  });

  it('have what is said to be booked in the books, and nothing else, whoever ends and comes back', () => {
    const step = fc.oneof(
      fc.record({
        what: fc.constant('apply'),
        vcpus: fc.integer({ min: 1, max: 6 }),
        units: fc.integer({ min: 1, max: 3 }),
      }),
      fc.record({ what: fc.constant('withdraw'), which: fc.nat(5) }),
      fc.record({ what: fc.constant('kill'), site: fc.nat(3), heardAfterMs: fc.nat(200) }),
      fc.record({ what: fc.constant('cut'), lost: fc.nat(3), forMs: fc.integer({ min: 100, max: 5000 }) }),
      fc.record({ what: fc.constant('wait'), ms: fc.nat(60) }),
    );
    // biome-ignore lint/nursery/noFloatingPromises: of a synchronous property it is synchronous
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const sites = up();
        const known = new Map<string, PlacedService>();
        let answers = 0;
        const cut = new Set<AgentId>();
        let asked = 0;
        for (const each of steps) {
          if ('vcpus' in each) {
            const service = `s${asked++}`;
            const units = Array.from({ length: each.units }, (_, index) => unit(`u${index}`, each.vcpus));
            sites.placing.apply(chainOfUnits(service, units, 15), (answer) => {
              answers++;
              if (answer.ok) known.set(service, answer.placed);
            });
          } else if ('which' in each) {
            const service = [...known.keys()][each.which];
            if (service === undefined) continue;
            asked++;
            sites.placing.withdraw(service, (error) => {
              answers++;
              if (error === undefined) known.delete(service);
            });
          } else if ('site' in each) {
            const who = agent(each.site);
            sites.kill(who, each.heardAfterMs);
            sites.clock.at(sites.clock.nowMs() + each.heardAfterMs + 100, () => sites.start([who]));
          } else if ('lost' in each) {
            const [who, site] = [agent(each.lost), `s${each.lost}`];
            const { clock } = sites;
            if (cut.has(who)) continue;
            cut.add(who);
            sites.cutOff(who);
            clock.at(clock.nowMs() + 50, () => sites.placing.siteLost(site));
            clock.at(clock.nowMs() + each.forMs, () => {
              cut.delete(who);
              sites.reached(who);
              sites.placing.siteBack(site);
            });
          } else sites.run(each.ms);
        }
        sites.run(400_000);
        expect(answers).toBe(asked);
        expect(sites.placing.ready()).toEqual(sites.agents);
        expect(sites.booked()).toEqual(wanted([...known.values()]));
        expect(sites.tooLong).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
