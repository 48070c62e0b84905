/** Of each node, its neighbours and the link to each, by number. */
export type Adjacency = readonly (readonly { readonly node: number; readonly link: number }[])[];

interface Walk {
  readonly nodes: readonly number[];
  readonly links: readonly number[];
}

/**
 * At most `k` loopless paths between two different nodes, fewest hops first, as the numbers of their links: Yen's algorithm
 * (Management Science 17, 1971) over breadth-first searches. Ties keep the order of the adjacency, so everyone finds the same.
 */
export function shortestPaths(
  adjacency: Adjacency,
  from: number,
  to: number,
  k: number,
): readonly (readonly number[])[] {
  const first = fewestHops(adjacency, from, to, new Set(), new Set());
  if (first === undefined) return [];
  const found: Walk[] = [first];
  const waiting: Walk[] = [];
  const known = new Set([first.links.join()]);
  while (found.length < k) {
    const last = found[found.length - 1] ?? first;
    for (let at = 0; at < last.links.length; at++) {
      const walk = deviation(adjacency, found, last, at, to);
      if (walk === undefined) continue;
      const key = walk.links.join();
      if (known.has(key)) continue;
      known.add(key);
      waiting.push(walk);
    }
    const next = takeShortest(waiting);
    if (next === undefined) break;
    found.push(next);
  }
  return found.map((walk) => walk.links);
}

/** The shortest path that goes with `base` as far as its node `at` and there leaves all paths found so far. */
function deviation(
  adjacency: Adjacency,
  found: readonly Walk[],
  base: Walk,
  at: number,
  to: number,
): Walk | undefined {
  const root = base.nodes.slice(0, at + 1);
  const way = base.links.slice(0, at);
  const spur = root[at];
  if (spur === undefined) return undefined;
  const closed = new Set<number>();
  for (const { links } of found) {
    const link = links[at];
    // Compared by links: two nodes may be joined by several.
    if (link !== undefined && way.every((each, index) => links[index] === each)) closed.add(link);
  }
  const rest = fewestHops(adjacency, spur, to, new Set(root.slice(0, at)), closed);
  if (rest === undefined) return undefined;
  return {
    nodes: [...root, ...rest.nodes.slice(1)],
    links: [...way, ...rest.links],
  };
}

/** Takes out the first of those with the fewest hops. */
function takeShortest(walks: Walk[]): Walk | undefined {
  let best = 0;
  walks.forEach((walk, index) => {
    if (walk.links.length < (walks[best]?.links.length ?? 0)) best = index;
  });
  return walks.splice(best, 1)[0];
}

function fewestHops(
  adjacency: Adjacency,
  from: number,
  to: number,
  closedNodes: ReadonlySet<number>,
  closedLinks: ReadonlySet<number>,
): Walk | undefined {
  const cameFrom = new Int32Array(adjacency.length).fill(-1);
  const cameBy = new Int32Array(adjacency.length).fill(-1);
  cameFrom[from] = from;
  const queue = [from];
  for (let at = 0; at < queue.length && cameFrom[to] === -1; at++) {
    const here = queue[at] ?? from;
    for (const { node, link } of adjacency[here] ?? []) {
      if (cameFrom[node] !== -1 || closedNodes.has(node) || closedLinks.has(link)) continue;
      cameFrom[node] = here;
      cameBy[node] = link;
      queue.push(node);
    }
  }
  if (cameFrom[to] === -1) return undefined;
  const nodes = [to];
  const links: number[] = [];
  for (let here = to; here !== from; here = cameFrom[here] ?? from) {
    links.push(cameBy[here] ?? -1);
    nodes.push(cameFrom[here] ?? from);
  }
  return { nodes: nodes.reverse(), links: links.reverse() };
}
