import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PipelineDocumentSchema } from '../../protocol/pipeline-descriptor.ts';
import type { CapabilityName } from '../../protocol/scenario.ts';
import { separateGroups } from './agent-links.ts';
import { checkPipeline } from './check-pipeline.ts';
import type { Duty } from './duties.ts';
import { type PipelineInput, planPipeline } from './plan-pipeline.ts';
import { TALKS } from './talks.ts';

const KINDS: readonly CapabilityName[] = ['link-monitor', 'rate-limiter', 'anomaly-detection', 'classifier'];

function input(
  sites: readonly number[],
  duties: readonly Duty[],
  more: Partial<PipelineInput> = {},
): PipelineInput {
  return {
    name: 'shop',
    service: 'shop',
    image: 'muster/agent',
    duties,
    units: duties.map(({ site }) => ({ vnf: 'web', vdu: 'vm', site, host: `${site}-1` })),
    hosts: sites.flatMap((hosts, site) =>
      Array.from({ length: hosts }, (_, n) => ({ name: `s${site}-${n}`, site: `s${site}` })),
    ),
    nearest: sites.map((_, site) => `s${site}`),
    running: [],
    taken: [],
    perRound: 1,
    bidders: 2,
    ...more,
  };
}

const inputs = fc
  .record({
    sites: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 7 }),
    wanted: fc.array(
      fc.record({
        site: fc.nat(),
        kind: fc.constantFrom(...KINDS),
        of: fc.constantFrom('a/vm', 'b/vm', 'path x'),
      }),
      { minLength: 1, maxLength: 20 },
    ),
    perRound: fc.integer({ min: 1, max: 4 }),
    bidders: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ sites, wanted, ...more }) => {
    const duties = wanted.map(
      ({ site, kind, of }): Duty => ({
        capability: kind,
        of,
        site: `s${site % sites.length}`,
        because: 'the packages say so',
      }),
    );
    return { sites, duties, given: input(sites, duties, more) };
  });

/** What came of it where it is possible at all: agents need two hosts between them. */
function plannedFrom(given: PipelineInput) {
  const planned = planPipeline(given);
  fc.pre(given.hosts.length > 1);
  if ('refusals' in planned) throw new Error(JSON.stringify(planned.refusals));
  return planned.descriptor;
}

describe('a planned pipeline', () => {
  it('does every duty at its site', () => {
    fc.assert(
      fc.property(inputs, ({ duties, given }) => {
        const { agents } = plannedFrom(given);
        for (const { capability, site, of } of duties) {
          const able = agents.filter(
            (agent) => agent.site === site && agent.capabilities.includes(capability),
          );
          expect(able.some((agent) => agent.duties?.some((duty) => duty.of === of))).toBe(true);
        }
      }),
    );
  });

  it('has no agent more than its duties and its rounds need: one a site, and sites enough for the verifiers', () => {
    fc.assert(
      fc.property(inputs, ({ sites, duties, given }) => {
        const { agents } = plannedFrom(given);
        const bound = new Set(duties.map(({ site }) => site)).size;
        const rounds = Math.min(sites.length, given.perRound + 1);
        expect(agents).toHaveLength(Math.max(2, bound, rounds));
        expect(new Set(agents.map(({ host }) => host)).size).toBe(agents.length);
        expect(new Set(agents.map(({ name }) => name)).size).toBe(agents.length);
      }),
    );
  });

  it('joins whoever has to talk, and everybody to everybody in the end', () => {
    fc.assert(
      fc.property(inputs, ({ given }) => {
        const { agents, links = [] } = plannedFrom(given);
        const talks = new Set(
          links.flatMap(({ between, for: goals }) => goals.map((goal) => `${between} ${goal}`)),
        );
        for (const { goal, asks, offers } of TALKS) {
          for (const one of agents.filter(({ capabilities }) => capabilities.includes(asks))) {
            for (const other of agents.filter(({ capabilities }) => capabilities.includes(offers))) {
              if (one !== other) expect(talks).toContain(`${[one.name, other.name].sort()} ${goal}`);
            }
          }
        }
        const names = agents.map(({ name }) => name);
        expect(separateGroups(names, links)).toHaveLength(1);
      }),
    );
  });

  it('has nobody vouched for from its own site, and the work spread evenly', () => {
    fc.assert(
      fc.property(inputs, ({ sites, given }) => {
        const { agents, verification } = plannedFrom(given);
        fc.pre(sites.length > 1 && new Set(agents.map(({ site }) => site)).size > 1);
        const siteOf = new Map<string, string>(agents.map(({ name, site }) => [name, site]));
        const load = new Map<string, number>(agents.map(({ name }) => [name, 0]));
        for (const { of, by } of verification?.verifiers ?? []) {
          expect(by).toHaveLength(Math.min(given.perRound, agents.length - 1));
          for (const name of by) {
            expect(siteOf.get(name)).not.toBe(siteOf.get(of));
            load.set(name, (load.get(name) ?? 0) + 1);
          }
        }
        expect(Math.max(...load.values()) - Math.min(...load.values())).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('has as many who can play each auctioned role as asked for, or as there are agents', () => {
    fc.assert(
      fc.property(inputs, ({ duties, given }) => {
        const { agents } = plannedFrom(given);
        for (const capability of KINDS.slice(1)) {
          const able = agents.filter(({ capabilities }) => capabilities.includes(capability)).length;
          const isNeeded = duties.some((duty) => duty.capability === capability);
          if (isNeeded) expect(able).toBeGreaterThanOrEqual(Math.min(given.bidders, agents.length));
          else expect(able).toBe(0);
        }
      }),
    );
  });

  it('is the same whatever the order in which hosts are named, and a file that is right', () => {
    fc.assert(
      fc.property(inputs, ({ given }) => {
        const descriptor = plannedFrom(given);
        expect(plannedFrom({ ...given, hosts: given.hosts.toReversed() })).toEqual(descriptor);
        const file = { pipeline: JSON.parse(JSON.stringify(descriptor)) };
        expect(PipelineDocumentSchema.parse(file)).toEqual(file);
        expect(checkPipeline(file).filter(({ severity }) => severity === 'error')).toEqual([]);
      }),
    );
  });

  it('planned again while it runs, it stays as it is', () => {
    fc.assert(
      fc.property(inputs, ({ given }) => {
        const descriptor = plannedFrom(given);
        const running = descriptor.agents.map(({ name, host }) => ({ name, host }));
        expect(plannedFrom({ ...given, running })).toEqual(descriptor);
      }),
    );
  });
});

describe('what cannot be is refused with a way out', () => {
  const duty: Duty = { capability: 'link-monitor', of: 'web/vm', site: 's0', because: 'it is on data' };

  it.each<[string, PipelineInput, RegExp]>([
    ['no duty', input([1, 1], []), /none of its functions is on a network/],
    ['no host at a site', input([0, 2], [duty]), /no host is left there/],
    ['one host', input([1], [duty]), /one agent cannot attest itself/],
  ])('%s', (_, given, told) => {
    const planned = planPipeline(given);
    expect('refusals' in planned && planned.refusals[0]?.reason).toMatch(told);
  });

  it('hosts and names of others are left alone', () => {
    const given = input([2, 2], [duty], {
      hosts: [
        { name: 's0-1', site: 's0' },
        { name: 's1-0', site: 's1' },
      ],
      taken: ['shop-s0'],
    });
    const planned = planPipeline(given);
    expect(
      'descriptor' in planned && planned.descriptor.agents.map(({ name, host }) => `${name} ${host}`),
    ).toEqual(['shop-s0-2 s0-1', 'shop-s1 s1-0']);
  });

  it('one site, or too few for a round, is noted', () => {
    const one = planPipeline(input([2], [duty]));
    expect('notes' in one && one.notes.join()).toContain('the registry is trusted');
    const few = planPipeline(input([1, 1], [duty], { perRound: 3 }));
    expect('notes' in few && few.notes.join()).toContain('1 of 3 verifiers');
  });
});
