import { describe, expect, test } from 'vitest';
import { nodeName } from '../../protocol/ids.ts';
import { ServiceFileSchema } from '../../protocol/service-file.ts';
import { descriptors, good, reasons, WALL, wanted } from '../../runtime/services/testing/planned.ts';
import { functionVnfd, PRIMITIVES, SCALES, shopNsd } from '../../runtime/services/testing/shop-packages.ts';
import { scalingRules } from '../lifecycle/scaling.ts';
import { nsdFromFunctions } from './offers.ts';
import type { ServicePlan } from './plan-service.ts';
import { serviceChains } from './service-chains.ts';
import { serviceGraph } from './service-graph.ts';
import { targetUnits } from './target-units.ts';

function unitsOf(plan: ServicePlan) {
  return targetUnits({
    service: 's',
    plan,
    units: [],
    nextIndex: {},
    leaving: new Set(),
    asTheyAre: false,
    nowMs: 0,
  }).units;
}

const SHOP = [WALL, functionVnfd('web', { flavour: SCALES }), shopNsd('wall', 'web')];

describe('a plan', () => {
  test('has a unit for each instance at the level that is asked for, joined to its networks', () => {
    const units = unitsOf(good(SHOP, { members: { web: { levels: { 'by-load': 2 } } } }));
    expect(units.map(({ unit }) => unit.id)).toEqual(['wall/vm/0', 'web/vm/0', 'web/vm/1', 'web/vm/2']);
    expect(units[1]?.recipe.interfaces).toEqual([
      { name: 'eth0', link: 'mgmt', point: 'mgmt' },
      { name: 'eth1', link: 'data', point: 'data', address: '10.9.0.2' },
    ]);
    // An address that the NSD gives goes to one unit alone.
    expect(units[2]?.recipe.interfaces[1]).toEqual({ name: 'eth1', link: 'data', point: 'data' });
  });

  test('of wishes makes what placement understands', () => {
    const plan = good(SHOP, {
      members: { web: { sites: ['north'], hostsApart: true, levels: { 'by-load': 1 } } },
      traffic: { path: { bytesPerSec: 1000, maxLatencyMs: 5 } },
    });
    const units = unitsOf(plan);
    const graph = serviceGraph(
      's',
      plan,
      units,
      wanted({ traffic: { path: { bytesPerSec: 1000, maxLatencyMs: 5 } } }),
    );
    expect(graph.units.map(({ id, sites, antiAffinity }) => [id, sites, antiAffinity])).toEqual([
      ['wall/vm/0', [], []],
      ['web/vm/0', ['north'], [{ group: 'apart/web', scope: 'host' }]],
      ['web/vm/1', ['north'], [{ group: 'apart/web', scope: 'host' }]],
    ]);
    // What flows along the path is shared out among the units of its next step.
    expect(graph.links).toEqual([
      { id: 'wall/vm/0~web/vm/0', ends: ['wall/vm/0', 'web/vm/0'], bytesPerSec: 500, maxLatencyMs: 5 },
      { id: 'wall/vm/0~web/vm/1', ends: ['wall/vm/0', 'web/vm/1'], bytesPerSec: 500, maxLatencyMs: 5 },
    ]);
  });

  test('of scaling policies reads whether all criteria count or any one, as OSM has it where nothing is said', () => {
    const rulesOf = (flavour: string) => {
      const plan = good([WALL, functionVnfd('web', { flavour }), shopNsd('wall', 'web')]);
      return plan.vnfs.flatMap(scalingRules).map(({ outWhen, inWhen }) => [outWhen, inWhen]);
    };
    expect(rulesOf(SCALES)).toEqual([['OR', 'AND']]);
    const said = (out: string) =>
      SCALES.replace(
        'enabled: true',
        `scale-in-operation-type: or\n              scale-out-operation-type: ${out}`,
      );
    expect(rulesOf(said('AND'))).toEqual([['AND', 'OR']]);
    expect(() => rulesOf(said('XOR'))).toThrow(/scale-out-operation-type/);
  });

  test('of match-attributes makes chains, whose flows the units of a step share, unless they are addressed to one of them', () => {
    const wall = functionVnfd('wall', { flavour: SCALES });
    const levels = { 'by-load': 1 };
    const plan = good([wall, SHOP[1] ?? '', shopNsd('wall', 'web')], {
      members: { wall: { levels }, web: { levels } },
    });
    expect(serviceChains('s', plan, unitsOf(plan))).toEqual([
      {
        id: 's/graph/path/http',
        match: { protocol: 6, destination: '10.9.0.2', destinationPort: 80 },
        from: null,
        hops: [
          { unit: 's/wall/vm/0', beside: ['s/wall/vm/1'], ingress: 'eth1', egress: 'eth1' },
          { unit: 's/web/vm/0', ingress: 'eth1', egress: 'eth1' },
        ],
      },
      expect.objectContaining({
        id: 's/graph/path/https',
        hops: [
          expect.objectContaining({ unit: 's/wall/vm/0', beside: ['s/wall/vm/1'] }),
          expect.objectContaining({ unit: 's/web/vm/0' }),
        ],
      }),
    ]);
  });
});

describe('a plan is refused, with all reasons at once', () => {
  test('images that nobody has mapped', () => {
    expect(reasons(SHOP, {}, (image) => image !== 'web-image')).toEqual([
      'member web, VDU vm: no program is mapped to its image web-image',
    ]);
  });

  test('parameters without which a program of the catalogue does not start', () => {
    const texts = [WALL, functionVnfd('stamper'), shopNsd('wall', 'stamper')];
    const named = texts.map((text) => text.replaceAll('stamper-image', 'stamper'));
    expect(reasons(named, { parameters: { 'stamp-destination': '10.0.0.2:80' } })).toEqual([
      'member web, VDU vm: its program needs the parameters stamp-key',
    ]);
    const members = { web: { parameters: { 'stamp-key': 'one' } } };
    expect(reasons(named, { parameters: { 'stamp-destination': '10.0.0.2:80' }, members })).toEqual([]);
  });

  test('members, aspects, flavours that there are not, and levels that are too high', () => {
    expect(
      reasons(SHOP, { members: { wall: { levels: { x: 1 } }, web: { levels: { 'by-load': 9 } }, wep: {} } }),
    ).toEqual([
      'member wep: the NSD has no such member',
      'member wall: it has no scaling aspect x',
      'member web: level 9 of by-load is above its highest, 3',
    ]);
    expect(reasons(SHOP, { flavour: 'other' })).toEqual([
      'service: the NSD shop-ns has no deployment flavour other',
    ]);
  });

  test('values that primitives of the first day need, but for the address that fills itself', () => {
    const shop = [WALL, functionVnfd('web', { flavour: PRIMITIVES }), shopNsd('wall', 'web')];
    expect(reasons(shop)).toEqual(['member web, primitive hello: it needs values for <whom>']);
    expect(reasons(shop, { members: { web: { day1: { whom: 'you' } } } })).toEqual([]);
    expect(reasons(shop, { parameters: { to: 'you' } })).toEqual([]);
  });

  test('a KDU', () => {
    const kdu = `
vnfd:
  id: wall
  mgmt-cp: mgmt-ext
  k8s-cluster: { nets: [{ id: net }] }
  kdu: [{ name: chart, helm-chart: stable/openldap }]
  ext-cpd:
    - { id: mgmt-ext, k8s-cluster-net: net }
    - { id: data-ext, k8s-cluster-net: net }
  df: [{ id: default }]
`;
    expect(reasons([kdu, functionVnfd('web'), shopNsd('wall', 'web')]).join()).toContain(
      'the KDU chart needs Kubernetes',
    );
  });
});

describe('units of an earlier plan', () => {
  const next = (
    plan: ServicePlan,
    before: ReturnType<typeof targetUnits>,
    settings: Partial<Parameters<typeof targetUnits>[0]> = {},
  ) =>
    targetUnits({
      service: 's',
      plan,
      ...before,
      leaving: new Set(),
      asTheyAre: false,
      nowMs: 0,
      ...settings,
    });
  const first = () => next(good(SHOP), { units: [], nextIndex: {} });
  const names = ({ units }: ReturnType<typeof targetUnits>) => units.map(({ unit }) => unit.id);

  test('stay when nothing has changed, and are replaced when what they are ordered with has', () => {
    expect(names(next(good(SHOP), first()))).toEqual(['wall/vm/0', 'web/vm/0']);
    expect(names(next(good(SHOP, { members: { web: { parameters: { a: 'b' } } } }), first()))).toEqual([
      'wall/vm/0',
      'web/vm/1',
    ]);
    const elsewhere = good(SHOP, { members: { wall: { sites: ['south'] } } });
    const placed = first();
    const north = placed.units.map((each) => ({ ...each, site: nodeName('north') }));
    expect(names(next(elsewhere, { ...placed, units: north }))).toEqual(['wall/vm/1', 'web/vm/0']);
  });

  test('of too many the newest leave, and numbers are never used again', () => {
    const three = next(good(SHOP, { members: { web: { levels: { 'by-load': 2 } } } }), first());
    const two = next(good(SHOP, { members: { web: { levels: { 'by-load': 1 } } } }), three);
    expect(names(two)).toEqual(['wall/vm/0', 'web/vm/0', 'web/vm/1']);
    const again = next(good(SHOP, { members: { web: { levels: { 'by-load': 2 } } } }), two);
    expect(names(again)).toEqual(['wall/vm/0', 'web/vm/0', 'web/vm/1', 'web/vm/3']);
  });

  test('that have failed are replaced alone when only they are to leave', () => {
    const changed = good(SHOP, { parameters: { a: 'b' } });
    expect(names(next(changed, first(), { leaving: new Set(['s/web/vm/0']), asTheyAre: true }))).toEqual([
      'wall/vm/0',
      'web/vm/1',
    ]);
  });
});

describe('a service by its functions', () => {
  const { vnfds } = descriptors(
    WALL,
    functionVnfd('web'),
    functionVnfd('big-wall', { image: 'wall-image', vcpus: 4 }),
  );
  const imageFor = (image: string) => ({ catalogue: image });
  const asked = (functions: object[], through?: string[]) => {
    const chain = through === undefined ? {} : { chain: { through, match: [{ destinationPort: 80 }] } };
    const file = ServiceFileSchema.parse({ name: 'shop', functions, ...chain });
    if (!('functions' in file)) throw new Error('functions are expected');
    return nsdFromFunctions(file, vnfds, imageFor);
  };

  test('takes the VNFD that offers it and asks for least, and leads flows through the functions in order', () => {
    const { nsd, refusals } = asked(
      [
        { name: 'guard', capability: 'wall-image' },
        { name: 'shop', capability: 'web' },
      ],
      ['guard', 'shop'],
    );
    expect(refusals).toEqual([]);
    expect(nsd.flavours[0]?.members.map(({ id, vnfdId }) => [id, vnfdId])).toEqual([
      ['guard', 'wall'],
      ['shop', 'web'],
    ]);
    expect(nsd.forwardingGraphs[0]?.paths[0]?.steps).toEqual([
      { member: 'guard', ingress: 'data-ext', egress: 'data-ext' },
      { member: 'shop', ingress: 'data-ext', egress: 'data-ext' },
    ]);
  });

  test('what nobody offers is refused, with what is offered', () => {
    const { refusals } = asked([{ name: 'guard', capability: 'moat' }], ['gard']);
    expect(refusals.map(({ reason, mend }) => `${reason}; ${mend}`)).toEqual([
      'no onboarded VNFD offers moat; onboard one, or ask for one of: big-wall, wall, wall-image, web, web-image',
      'there is no function gard; one of: guard',
    ]);
  });
});
