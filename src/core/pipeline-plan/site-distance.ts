import type { Substrate } from '../../protocol/substrate.ts';

/** Sites in the order of how many links they are away from the nearest of these; those that nothing leads to last, of equals the first by name. */
export function sitesByDistance(
  { sites, hosts, links }: Pick<Substrate, 'sites' | 'hosts' | 'links'>,
  from: readonly string[],
): readonly string[] {
  const beside = new Map<string, string[]>();
  for (const { ends } of links) {
    const [one, other] = ends;
    beside.set(one, [...(beside.get(one) ?? []), other]);
    beside.set(other, [...(beside.get(other) ?? []), one]);
  }
  const away = new Map<string, number>(
    hosts.filter(({ site }) => from.includes(site)).map(({ name }) => [name, 0]),
  );
  const open = [...away.keys()];
  for (const node of open) {
    for (const next of beside.get(node) ?? []) {
      if (away.has(next)) continue;
      away.set(next, (away.get(node) ?? 0) + 1);
      open.push(next);
    }
  }
  const distance = (site: string) =>
    Math.min(
      Number.MAX_SAFE_INTEGER,
      ...hosts.flatMap((host) => (host.site === site ? (away.get(host.name) ?? []) : [])),
    );
  return [...sites].sort((a, b) => distance(a) - distance(b) || (a < b ? -1 : 1));
}
