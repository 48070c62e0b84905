import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agentId, nodeName } from '../../protocol/ids.ts';
import type { PipelineDescriptor } from '../../protocol/pipeline-descriptor.ts';
import type { PipelineView } from '../../protocol/pipeline-view.ts';
import type { CapabilityName } from '../../protocol/scenario.ts';
import { type PipelineChange, pipelineChanges } from './pipeline-changes.ts';

const HOSTS = Array.from({ length: 8 }, (_, n) => ({ name: nodeName(`h${n}`), site: nodeName(`s${n % 3}`) }));
const KINDS: readonly CapabilityName[] = ['link-monitor', 'rate-limiter', 'classifier'];

interface Seat {
  readonly name: string;
  readonly host: number;
  readonly kind: number;
}

function viewOf(own: readonly Seat[], others: readonly Seat[] = []): PipelineView {
  const agent = (pipeline: string) => (seat: Seat) => ({
    name: agentId(seat.name),
    host: HOSTS[seat.host]?.name ?? nodeName('h0'),
    site: HOSTS[seat.host]?.site ?? nodeName('s0'),
    capabilities: [KINDS[seat.kind] ?? 'link-monitor'],
    pipeline,
    attested: true,
    keyed: true,
  });
  const agents = [...own.map(agent('shop')), ...others.map(agent('base'))];
  return {
    name: 'base',
    verifiersPerRound: 1,
    imageSha256: null,
    room: 32,
    hosts: [...HOSTS],
    agents,
    order: agents.map(({ name }) => name),
  };
}

function fileOf(seats: readonly Seat[], order?: readonly string[]): PipelineDescriptor {
  return {
    name: 'shop',
    agents: viewOf(seats).agents.map(({ name, host, site, capabilities }) => ({
      name,
      host,
      site,
      image: 'muster/agent',
      capabilities,
    })),
    ...(order === undefined ? {} : { verification: { perRound: 1, order: order.map(agentId) } }),
  };
}

/** Makes changes one after the other as the supervisor does, and refuses what it refuses. */
function made(view: PipelineView, changes: readonly PipelineChange[]): ReadonlyMap<string, string> {
  const hostOf = new Map<string, string>(view.agents.map(({ name, host }) => [name, host]));
  for (const { kind, name, host } of changes) {
    if (kind === 'remove') {
      expect(hostOf.size).toBeGreaterThan(2);
      expect(hostOf.delete(name)).toBe(true);
      continue;
    }
    expect(hostOf.has(name)).toBe(kind === 'move');
    expect([...hostOf].find(([other, at]) => at === host && other !== name)).toBeUndefined();
    hostOf.set(name, host);
  }
  return hostOf;
}

const seats = (prefix: string, hosts: readonly number[]) =>
  fc.subarray([...hosts]).chain((chosen) =>
    fc
      .tuple(
        fc.shuffledSubarray(
          Array.from({ length: 8 }, (_, n) => n),
          { minLength: chosen.length, maxLength: chosen.length },
        ),
        fc.array(fc.nat({ max: 2 }), { minLength: chosen.length, maxLength: chosen.length }),
      )
      .map(([numbers, kinds]) =>
        chosen.map((host, index) => ({ name: `${prefix}${numbers[index]}`, host, kind: kinds[index] ?? 0 })),
      ),
  );

describe('changes of a running pipeline', () => {
  it('lead to what the file says by steps that can each be made, and touch nobody else', () => {
    fc.assert(
      fc.property(
        seats('a', [0, 1, 2, 3, 4, 5]),
        seats('a', [0, 1, 2, 3, 4, 5]),
        seats('x', [6, 7]),
        (before, after, others) => {
          fc.pre(before.length + others.length >= 2);
          const view = viewOf(before, others);
          const plan = pipelineChanges(fileOf(after), view);
          if ('refusals' in plan) {
            // Only where fewer than two would stay, or somewhere on the way.
            expect(Math.min(before.length, after.length) + others.length).toBeLessThanOrEqual(2);
            return;
          }
          const hostOf = made(view, plan.changes);
          expect([...hostOf].sort()).toEqual(
            [...after, ...others].map(({ name, host }) => [name, `h${host}`]).sort(),
          );
          const changed = new Set(plan.changes.map(({ name }) => name));
          for (const { name, host, kind } of after) {
            const was = before.find((each) => each.name === name);
            if (was?.host === host && was.kind === kind) expect(changed).not.toContain(name);
          }
          expect([...changed].filter((name) => name.startsWith('x'))).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('none are made where it is so already', () => {
    const now = [
      { name: 'a1', host: 0, kind: 0 },
      { name: 'a2', host: 1, kind: 1 },
    ];
    expect(pipelineChanges(fileOf(now, ['a1', 'a2']), viewOf(now))).toEqual({
      changes: [],
      order: undefined,
    });
    expect(pipelineChanges(fileOf(now, ['a2', 'a1']), viewOf(now))).toEqual({
      changes: [],
      order: ['a2', 'a1'],
    });
    // The group's order is that of the pipeline only where it is the whole group.
    const others = [{ name: 'x1', host: 6, kind: 0 }];
    expect(pipelineChanges(fileOf(now, ['a2', 'a1']), viewOf(now, others))).toEqual({
      changes: [],
      order: undefined,
    });
  });

  it('who comes is there before who goes', () => {
    const plan = pipelineChanges(
      fileOf([
        { name: 'a2', host: 1, kind: 1 },
        { name: 'a3', host: 2, kind: 0 },
      ]),
      viewOf([
        { name: 'a1', host: 0, kind: 0 },
        { name: 'a2', host: 1, kind: 1 },
      ]),
    );
    expect('changes' in plan && plan.changes.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'add a3',
      'remove a1',
    ]);
  });

  it('two that change places do so by way of a free host', () => {
    const plan = pipelineChanges(
      fileOf([
        { name: 'a1', host: 1, kind: 0 },
        { name: 'a2', host: 0, kind: 1 },
      ]),
      viewOf([
        { name: 'a1', host: 0, kind: 0 },
        { name: 'a2', host: 1, kind: 1 },
      ]),
    );
    expect('changes' in plan && plan.changes.map(({ name, host }) => `${name} ${host}`)).toEqual([
      'a1 h2',
      'a2 h0',
      'a1 h1',
    ]);
  });

  it('fewer than two are refused', () => {
    const now = [
      { name: 'a1', host: 0, kind: 0 },
      { name: 'a2', host: 1, kind: 1 },
    ];
    expect(pipelineChanges(fileOf([]), viewOf(now))).toMatchObject({ refusals: [{ about: 'agents' }] });
  });

  it('whose agents are to look after a service is brought about where they look after none, or another', () => {
    const own = [
      { name: 'a0', host: 0, kind: 0 },
      { name: 'a1', host: 1, kind: 1 },
    ];
    const view = viewOf(own);
    const file = { ...fileOf(own), service: 'shop' };
    const changesIn = (now: PipelineView) => {
      const plan = pipelineChanges(file, now);
      return 'refusals' in plan ? plan.refusals : plan.changes.map(({ kind, name }) => `${kind} ${name}`);
    };
    const of = (service: string) => ({
      ...view,
      agents: view.agents.map((agent) => ({ ...agent, service })),
    });
    expect(changesIn(view)).toEqual(['move a0', 'move a1']);
    expect(changesIn(of('bank'))).toEqual(['move a0', 'move a1']);
    expect(changesIn(of('shop'))).toEqual([]);
    // A file that says nothing of it leaves it as it is.
    expect(pipelineChanges(fileOf(own), of('shop'))).toMatchObject({ changes: [] });
  });
});
