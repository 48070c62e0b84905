import type { Edge } from '@xyflow/react';
import { Position } from '@xyflow/react';
import { groupBy } from '../../data/network/build-network.ts';
import type { Network, NetworkLink } from '../../data/network/network.ts';
import type { Rates } from '../../data/network/rates.ts';
import { type FlowHop, legsOf } from './flows.ts';
import { fill, linkInWords, lossInWords } from './link-words.ts';
import type { HostNode, JointNode, Level, MapNode, SiteNode } from './map-boxes.ts';
import type { Box, SiteBox } from './site-layout.ts';

export interface MapPicture {
  readonly network: Network;
  readonly boxes: ReadonlyMap<string, SiteBox>;
  readonly level: Level;
  readonly rates: Rates;
  readonly hops: readonly FlowHop[];
}

/** Beyond so many, figures at links would lie on one another: the table has them. */
const MOST_LABELS = 80;

const siteId = (name: string) => `site ${name}`;
const nodeId = (name: string) => `node ${name}`;

/** Boxes for what can be read at this level, and no others. */
export function mapNodes({ network, boxes, level, rates, hops }: MapPicture): MapNode[] {
  const hopsAt = groupBy(hops, ({ host }) => host);
  const inner = groupBy(
    network.links.filter(({ sites: [one, other] }) => one === other),
    ({ sites }) => sites[0],
  );
  return network.sites.flatMap((site): MapNode[] => {
    const box = boxes.get(site.name);
    if (box === undefined) return [];
    const passed = site.hosts.flatMap(({ name }) => hopsAt.get(name) ?? []);
    const inside = level === 0 ? busiest(inner.get(site.name) ?? [], rates) : '';
    const own: SiteNode = {
      ...placeOf(siteId(site.name), box),
      type: 'site',
      zIndex: level === 0 ? 2 : 0,
      data: { site, level, inside, hops: passed },
    };
    if (level === 0) return [own];
    const within = (each: Box): Box => ({ ...each, x: box.x + each.x, y: box.y + each.y });
    const hosts = site.hosts.flatMap((host): HostNode[] => {
      const there = box.hosts.get(host.name);
      if (there === undefined) return [];
      const data = { host, level, hops: hopsAt.get(host.name) ?? [] };
      return [{ ...placeOf(nodeId(host.name), within(there)), type: 'host', data, zIndex: 2 }];
    });
    const joints = [...box.joints].map(
      ([name, there]): JointNode => ({
        ...placeOf(nodeId(name), within(there)),
        type: 'joint',
        data: { name, kind: site.accessPoints.includes(name) ? 'access' : 'switch' },
        zIndex: 2,
      }),
    );
    return [own, ...hosts, ...joints];
  });
}

/** Far away one line between two sites stands for all their links. */
export function mapEdges({ network, level, rates, hops }: MapPicture): Edge[] {
  const drawn = level === 0 ? between(network) : network.links.map((link) => [link]);
  const labelled = drawn.length <= MOST_LABELS;
  const links = drawn.flatMap((group): Edge[] => {
    const [first] = group;
    if (first === undefined) return [];
    const [source, target] = level === 0 ? first.sites.map(siteId) : first.ends.map(nodeId);
    if (source === undefined || target === undefined) return [];
    const worst = fullest(group, rates);
    const now = rates.links.get(worst.id);
    const lost = now !== undefined && lossInWords(now) !== '';
    return [
      {
        id: `link ${source} ${target} ${first.id}`,
        source,
        target,
        type: 'straight',
        className: `map-link ${lost ? 'lost' : ''} ${now === undefined ? 'unmeasured' : ''}`,
        style: { strokeWidth: level === 0 ? 8 : 2 + 6 * (fill(worst, now) ?? 0) },
        ...(labelled && worth(worst, now !== undefined)
          ? { label: labelOf(worst, group.length, rates) }
          : {}),
        zIndex: 1,
      },
    ];
  });
  return [...links, ...flowEdges(network, level, hops)];
}

function placeOf(id: string, { x, y, width, height }: Box) {
  const middle = { x: width / 2, y: height / 2, width: 1, height: 1, position: Position.Top };
  return {
    id,
    position: { x, y },
    width,
    height,
    // Known beforehand: nothing has to be drawn to be measured.
    handles: [
      { ...middle, type: 'source' as const },
      { ...middle, type: 'target' as const },
    ],
  };
}

function between({ links }: Network): readonly (readonly NetworkLink[])[] {
  const outer = links.filter(({ sites: [one, other] }) => one !== other);
  return [...groupBy(outer, ({ sites }) => sites.toSorted().join('\n')).values()];
}

function fullest(links: readonly NetworkLink[], rates: Rates): NetworkLink {
  const measure = (link: NetworkLink) => fill(link, rates.links.get(link.id)) ?? -1;
  return links.reduce((most, each) => (measure(each) > measure(most) ? each : most));
}

function busiest(links: readonly NetworkLink[], rates: Rates): string {
  const counted = links.filter(({ id }) => rates.links.has(id));
  if (counted.length === 0) return '';
  const link = fullest(counted, rates);
  return `${link.id}: ${linkInWords(link, rates.links.get(link.id))}`;
}

/** A link of which nothing can be said, or of which nothing is booked, needs no words on the map. */
function worth({ booked, counted }: NetworkLink, isRead: boolean): boolean {
  return isRead || counted || (booked ?? 0) > 0;
}

function labelOf(link: NetworkLink, count: number, rates: Rates): string {
  const words = linkInWords(link, rates.links.get(link.id));
  return count === 1 ? words : `${words} (fullest of ${count})`;
}

function flowEdges({ hostOf }: Network, level: Level, hops: readonly FlowHop[]): Edge[] {
  return legsOf(hops).flatMap(([from, to], at): Edge[] => {
    const [source, target] = [from, to].map(({ host }) =>
      level === 0 ? siteId(hostOf.get(host)?.site ?? '') : nodeId(host),
    );
    if (source === undefined || target === undefined || source === target) return [];
    return [
      {
        id: `flow ${from.chain} ${at}`,
        source,
        target,
        type: 'straight',
        className: 'map-flow',
        animated: true,
        label: `${from.step} → ${to.step}`,
        style: { strokeWidth: level === 0 ? 14 : 5 },
        zIndex: 1,
      },
    ];
  });
}
