import type { FlowMatch, ForwardingPath } from '../../protocol/descriptors.ts';
import type { CapabilityName } from '../../protocol/scenario.ts';
import { hopsOf } from '../service-plan/path-hops.ts';
import { groupName, type ServicePlan, type UnitGroup } from '../service-plan/plan-service.ts';

/** A unit of the service, and where it runs. */
export interface PlacedUnit {
  readonly vnf: string;
  readonly vdu: string;
  readonly site: string;
  readonly host: string;
}

/** Something that an agent of the pipeline has to be able to do. */
export interface Duty {
  readonly capability: CapabilityName;
  /** `member/vdu`, or `path NAME`. */
  readonly of: string;
  /** Where: at the site of what it is about. */
  readonly site: string;
  /** What of the packages it follows from. */
  readonly because: string;
}

/** Functions of the catalogue that answer whoever asks. */
const SERVING = ['web-server', 'video-streamer', 'load-balancer'];
/** Functions of the catalogue that tell of a flood: somebody has to act on it. */
const TELLING = ['anomaly-detector', 'classifier'];
/** Metrics of OSM and of Muster that tell of traffic. */
const TRAFFIC = /packet|byte|bandwidth|throughput/i;

/**
 * What the packages of a service ask of its control agents:
 * - each function on a network is watched where its units run (link-monitor);
 * - flows of a path, and those to a function that serves, can be limited where they enter (rate-limiter);
 * - where anybody may be at the other end, or traffic scales a function or a function tells of floods, somebody judges (anomaly-detection);
 * - where the sources are not known beforehand, somebody tells them apart (classifier).
 */
export function dutiesOf(plan: ServicePlan, units: readonly PlacedUnit[]): readonly Duty[] {
  const sitesOf = (vnf: string, vdu: string) => [
    ...new Set(units.filter((each) => each.vnf === vnf && each.vdu === vdu).map(({ site }) => site)),
  ];
  const duties: Duty[] = [];
  const add = (capability: CapabilityName, of: string, sites: readonly string[], because: string) => {
    for (const site of sites) duties.push({ capability, of, site, because });
  };
  const onPaths = new Set<string>();
  for (const path of plan.nsd.forwardingGraphs.flatMap(({ paths }) => paths)) {
    const { hops } = hopsOf(path, plan.vnfs);
    for (const { vnf, vdu } of hops) onPaths.add(groupName(vnf, vdu));
    const [first, last] = [hops[0], hops.at(-1)];
    if (first === undefined || last === undefined) continue;
    const of = `path ${path.id}`;
    const [entry, target] = [sitesOf(first.vnf, first.vdu), sitesOf(last.vnf, last.vdu)];
    add('rate-limiter', of, entry, `flows enter it at ${first.vnf}`);
    const open = openMatch(path);
    if (open === undefined) continue;
    add('anomaly-detection', of, target, `${open} leads to ${last.vnf}: anybody may send it`);
    add('classifier', of, target, `${open} says nothing of its sources`);
  }
  for (const group of plan.groups) {
    const of = `${group.vnf.id}/${group.vdu.id}`;
    const sites = sitesOf(group.vnf.id, group.vdu.id);
    const links = [...new Set(group.firstRecipe.interfaces.map(({ link }) => decodeURIComponent(link)))];
    if (links.length > 0) add('link-monitor', of, sites, watchedBecause(group, links));
    const entry = 'catalogue' in group.firstRecipe.image ? group.firstRecipe.image.catalogue : '';
    const alone = !onPaths.has(groupName(group.vnf.id, group.vdu.id));
    if (alone && SERVING.includes(entry)) {
      const because = `${entry} answers whoever asks, and no path leads to it`;
      for (const capability of ['rate-limiter', 'anomaly-detection', 'classifier'] as const) {
        add(capability, of, sites, because);
      }
    }
    if (TELLING.includes(entry)) {
      add('anomaly-detection', of, sites, `somebody has to act on what ${entry} tells`);
      if (entry === 'classifier') add('classifier', of, sites, `somebody has to act on what ${entry} tells`);
    }
    const scaling = trafficScaling(group);
    if (scaling !== undefined) {
      add('rate-limiter', of, sites, `${scaling}: a flood is to be held off, not scaled for`);
      add('anomaly-detection', of, sites, `${scaling}: a peak, or a flood?`);
    }
  }
  return duties;
}

/** The first class of flows of a path that anybody can be the source of, in words; undefined: all sources are known. */
function openMatch({ matches }: ForwardingPath): string | undefined {
  if (matches.length === 0) return 'all that comes';
  const open = matches.find(({ source, from }) => source === undefined && from === undefined);
  return open === undefined ? undefined : flowsOf(open);
}

function flowsOf({ id, destination, destinationPort }: FlowMatch): string {
  const to = [destination, destinationPort].filter((each) => each !== undefined).join(':');
  return to === '' ? `the class ${id}` : `the class ${id} (to ${to})`;
}

function watchedBecause({ vdu, vnf }: UnitGroup, links: readonly string[]): string {
  const metrics = [...new Set(vdu.monitoring.map(({ metric }) => metric))];
  const scaled = vnf.flavour.scaling.filter(({ steps }) => steps.some((step) => step.vdu === vdu.id));
  return [
    `it is on ${links.slice(0, 4).join(', ')}`,
    ...(metrics.length === 0 ? [] : [`its VNFD monitors ${metrics.slice(0, 4).join(', ')}`]),
    ...(scaled.length === 0 ? [] : [`it scales by ${scaled.map(({ id }) => id).join(', ')}`]),
  ].join('; ');
}

/** A scaling aspect of the group's VDU that goes by traffic, in words. */
function trafficScaling({ vdu, vnf }: UnitGroup): string | undefined {
  const metricOf = new Map(
    vnf.vnfd.vdus.flatMap(({ monitoring }) => monitoring).map((each) => [each.id, each.metric]),
  );
  for (const { id, steps, policies } of vnf.flavour.scaling) {
    if (!steps.some((step) => step.vdu === vdu.id)) continue;
    const metrics = policies.flatMap(({ criteria }) =>
      criteria.map(({ monitoring }) =>
        monitoring === undefined ? '' : (metricOf.get(monitoring) ?? monitoring),
      ),
    );
    const traffic = metrics.find((metric) => TRAFFIC.test(metric));
    if (traffic !== undefined) return `${id} scales by ${traffic}`;
  }
  return undefined;
}
