import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shortestPaths } from './shortest-paths.ts';

function adjacencyOf(size: number, pairs: readonly (readonly [number, number])[]) {
  const adjacency: { node: number; link: number }[][] = Array.from({ length: size }, () => []);
  pairs.forEach(([a, b], link) => {
    if (a === b) return;
    adjacency[a]?.push({ node: b, link });
    adjacency[b]?.push({ node: a, link });
  });
  return adjacency;
}

/** All loopless paths, by trying everything. */
function everyPath(pairs: readonly (readonly [number, number])[], from: number, to: number): string[] {
  const found: { links: number[]; key: string }[] = [];
  const go = (here: number, seen: readonly number[], links: readonly number[]): void => {
    if (here === to) {
      found.push({ links: [...links], key: links.join() });
      return;
    }
    pairs.forEach(([a, b], link) => {
      const next = a === here ? b : b === here ? a : undefined;
      if (next !== undefined && !seen.includes(next)) go(next, [...seen, next], [...links, link]);
    });
  };
  go(from, [from], []);
  return found.sort((a, b) => a.links.length - b.links.length).map((each) => each.key);
}

describe('shortest paths', () => {
  it('are the k shortest loopless ones, no two the same', () => {
    const graphs = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })), {
      minLength: 1,
      maxLength: 11,
    });
    // biome-ignore lint/nursery/noFloatingPromises: of a synchronous property it is synchronous
    fc.assert(
      fc.property(graphs, fc.integer({ min: 1, max: 12 }), (pairs, k) => {
        const all = everyPath(pairs, 0, 5);
        const found = shortestPaths(adjacencyOf(6, pairs), 0, 5, k).map((links) => links.join());
        expect(new Set(found).size).toBe(found.length);
        expect(found.every((each) => all.includes(each))).toBe(true);
        const lengths = (paths: readonly string[]) => paths.map((each) => each.split(',').length);
        expect(lengths(found)).toEqual(lengths(all.slice(0, k)));
      }),
      { numRuns: 300 },
    );
  });
});
