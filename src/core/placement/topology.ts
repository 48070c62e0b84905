import { MusterError } from '../../protocol/errors.ts';
import type { Host, Substrate, SubstrateLink } from '../../protocol/substrate.ts';
import type { Adjacency } from './shortest-paths.ts';
import { shortestPaths } from './shortest-paths.ts';

/** How many paths between two hosts are looked at (Virne's setting). */
export const PATHS_LOOKED_AT = 10;

/** One way between two hosts, from the first to the second. */
export interface Path {
  /** Numbers of links, and their names. */
  readonly links: readonly number[];
  readonly names: readonly SubstrateLink['id'][];
  readonly latencyMs: number;
}

/** A substrate with its names as numbers. Nothing of it changes; paths are worked out when first asked for. */
export interface Topology {
  readonly substrate: Substrate;
  readonly hosts: readonly Host[];
  readonly links: readonly SubstrateLink[];
  hostOf(name: string): number | undefined;
  linkOf(id: string): number | undefined;
  /** Hosts and links that a site's book holds. */
  hostsOfSite(site: string): readonly number[];
  linksOfSite(site: string): readonly number[];
  /** Links that end at a host. */
  linksAt(host: number): readonly number[];
  /** The shortest loopless paths between two different hosts, fewest hops first. */
  paths(from: number, to: number): readonly Path[];
}

/** @throws MusterError BAD_SITE when names are used twice or a site or an end is not there. */
export function topologyOf(substrate: Substrate): Topology {
  const { hosts, links } = substrate;
  const hostNumbers = numbered(hosts.map((host) => host.name));
  const linkNumbers = numbered(links.map((link) => link.id));
  const sites = new Set<string>(substrate.sites);
  for (const host of hosts) known(sites, host.site, `the site of host ${host.name}`);
  for (const link of links) known(sites, link.owner, `the owner of link ${link.id}`);
  const nodes = numbered([
    ...new Set([...hosts.map((host) => host.name), ...links.flatMap((link) => link.ends)]),
  ]);
  const adjacency: { node: number; link: number }[][] = Array.from(nodes, () => []);
  links.forEach(({ ends: [a, b] }, link) => {
    const [from, to] = [nodes.get(a) ?? 0, nodes.get(b) ?? 0];
    if (from === to) return;
    adjacency[from]?.push({ node: to, link });
    adjacency[to]?.push({ node: from, link });
  });
  // Hosts come first among the nodes, in their order: a host's number is its node's.
  const linksAt = adjacency.slice(0, hosts.length).map((each) => each.map(({ link }) => link));
  return {
    substrate,
    hosts,
    links,
    hostOf: (name) => hostNumbers.get(name),
    linkOf: (id) => linkNumbers.get(id),
    hostsOfSite: bySite(hosts.map((host) => host.site)),
    linksOfSite: bySite(links.map((link) => link.owner)),
    linksAt: (host) => linksAt[host] ?? [],
    paths: rememberedPaths(adjacency, links),
  };
}

const NO_PATHS: readonly Path[] = [];

function rememberedPaths(adjacency: Adjacency, links: readonly SubstrateLink[]): Topology['paths'] {
  const tables = new Map<number, Map<number, readonly Path[]>>();
  const remembered = (from: number, to: number) => tables.get(from)?.get(to);
  const remember = (from: number, to: number, paths: readonly Path[]): readonly Path[] => {
    const table = tables.get(from) ?? new Map<number, readonly Path[]>();
    tables.set(from, table);
    table.set(to, paths);
    return paths;
  };
  const between = pathsThroughLeaves(adjacency);
  return (from, to) => {
    if (from === to) return NO_PATHS;
    const known = remembered(from, to);
    if (known !== undefined) return known;
    // Both directions see the same paths: searched for from the lower number.
    const [low, high] = from < to ? [from, to] : [to, from];
    const found = between(low, high).map((each) => ({
      links: each,
      names: each.flatMap((link) => links[link]?.id ?? []),
      latencyMs: each.reduce((sum, link) => sum + (links[link]?.latencyMs ?? 0), 0),
    }));
    const back = found.map((path) => ({
      ...path,
      links: path.links.toReversed(),
      names: path.names.toReversed(),
    }));
    remember(low, high, found);
    remember(high, low, back);
    return from === low ? found : back;
  };
}

type LinkNumbers = readonly (readonly number[])[];

/**
 * The shortest paths between two nodes. Whoever has one link only has the paths of the node behind it: the many hosts of one switch are
 * searched for once.
 */
function pathsThroughLeaves(adjacency: Adjacency): (from: number, to: number) => LinkNumbers {
  const searched = new Map<number, LinkNumbers>();
  const search = (from: number, to: number): LinkNumbers => {
    const key = from * adjacency.length + to;
    const known = searched.get(key) ?? shortestPaths(adjacency, from, to, PATHS_LOOKED_AT);
    searched.set(key, known);
    return known;
  };
  const behind = (node: number) => {
    const [only, ...others] = adjacency[node] ?? [];
    return others.length === 0 ? only : undefined;
  };
  return (from, to) => {
    const [first, last] = [behind(from), behind(to)];
    if (first?.node === to) return [[first.link]];
    if (last?.node === from) return [[last.link]];
    if (first === undefined && last === undefined) return search(from, to);
    const [a, b] = [first?.node ?? from, last?.node ?? to];
    const middle: LinkNumbers = a === b ? [[]] : search(a, b);
    const before = first === undefined ? [] : [first.link];
    const after = last === undefined ? [] : [last.link];
    return middle.map((links) => [...before, ...links, ...after]);
  };
}

function bySite(owners: readonly string[]): (site: string) => readonly number[] {
  const lists = new Map<string, number[]>();
  owners.forEach((owner, index) => {
    const list = lists.get(owner) ?? [];
    list.push(index);
    lists.set(owner, list);
  });
  return (site) => lists.get(site) ?? [];
}

function numbered(names: readonly string[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  names.forEach((name, index) => {
    if (numbers.has(name)) {
      throw new MusterError('BAD_SITE', `two things of the substrate are named ${name}`, {
        hint: 'give every host and every link a name of its own',
      });
    }
    numbers.set(name, index);
  });
  return numbers;
}

function known(sites: ReadonlySet<string>, site: string, what: string): void {
  if (sites.has(site)) return;
  throw new MusterError('BAD_SITE', `${what} is ${site}, which is not among the sites`, {
    hint: `sites: ${[...sites].slice(0, 8).join(', ')}`,
  });
}
