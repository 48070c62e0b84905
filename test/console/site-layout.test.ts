import { describe, expect, it } from 'vitest';
import { buildNetwork } from '../../console/src/data/network/build-network.ts';
import type { Network } from '../../console/src/data/network/network.ts';
import { type Box, layOut } from '../../console/src/views/topology/site-layout.ts';
import { generatedSubstrate } from '../../src/runtime/placement/generated-substrate.ts';
import { siteScenario } from '../../src/runtime/placement/site-agents.ts';

/** How much of the whole picture sites take. */
function filled(boxes: readonly Box[]): number {
  const width = Math.max(...boxes.map((each) => each.x + each.width)) - Math.min(...boxes.map(({ x }) => x));
  const height =
    Math.max(...boxes.map((each) => each.y + each.height)) - Math.min(...boxes.map(({ y }) => y));
  return boxes.reduce((sum, each) => sum + each.width * each.height, 0) / (width * height);
}

function joined(count: number, shape: 'ring' | 'mesh'): Network {
  const substrate = generatedSubstrate(count, shape);
  return buildNetwork({
    scenario: siteScenario(substrate),
    substrate,
    services: [],
    functions: [],
    agents: [],
    silentSites: [],
  });
}

function overlap(one: Box, other: Box): boolean {
  return (
    Math.abs(one.x + one.width / 2 - other.x - other.width / 2) < (one.width + other.width) / 2 - 1e-6 &&
    Math.abs(one.y + one.height / 2 - other.y - other.height / 2) < (one.height + other.height) / 2 - 1e-6
  );
}

function overlapping(boxes: readonly Box[]): number {
  return boxes.reduce(
    (sum, one, at) => sum + boxes.slice(0, at).filter((other) => overlap(one, other)).length,
    0,
  );
}

/** A network that nobody would draw by hand: 200 sites of ten hosts each, joined in a ring. */
function large(): Network {
  const sites = Array.from({ length: 200 }, (_, at) => `s${at}`);
  const none = { used: 0, total: 1 };
  const all = sites.map((name) => ({
    name,
    switches: [`${name}-switch`],
    accessPoints: [],
    silent: false,
    hosts: Array.from({ length: 10 }, (_, at) => ({
      name: `${name}-h${at}`,
      site: name,
      vcpus: none,
      memoryMib: none,
      placed: [],
      agents: [],
    })),
  }));
  const links = sites.map((name, at) => {
    const next = sites[(at + 1) % sites.length] ?? '';
    return {
      id: `${name}-${next}`,
      ends: [`${name}-switch`, `${next}-switch`] as const,
      sites: [name, next] as const,
      capacity: 1,
      booked: 0,
      counted: false,
    };
  });
  return { sites: all, links, hostOf: new Map() };
}

describe('the layout', () => {
  it('parts that nothing joins stand side by side, near enough to be read', () => {
    const two = { ...joined(4, 'ring'), links: [] };
    const boxes = [...layOut(two).values()];
    expect(overlapping(boxes)).toBe(0);
    expect(filled(boxes)).toBeGreaterThan(0.5);
  });

  it.each([
    ['one site', () => joined(2, 'ring'), 2],
    ['a ring of 40', () => joined(40, 'ring'), 40],
    ['a mesh of 12', () => joined(12, 'mesh'), 12],
    ['200 sites of ten hosts', large, 200],
  ] as const)('draws nothing over anything else: %s', (_, network, count) => {
    const boxes = [...layOut(network()).values()];
    expect(boxes).toHaveLength(count);
    expect(overlapping(boxes)).toBe(0);
    for (const { width, height, hosts, joints } of boxes) {
      const inside = [...hosts.values(), ...joints.values()];
      expect(overlapping(inside)).toBe(0);
      for (const each of inside) {
        expect(each.x).toBeGreaterThanOrEqual(0);
        expect(each.x + each.width).toBeLessThanOrEqual(width);
        expect(each.y + each.height).toBeLessThanOrEqual(height);
      }
    }
  });

  it('is the same for the same network', () => {
    expect([...layOut(joined(7, 'ring'))]).toEqual([...layOut(joined(7, 'ring'))]);
  });

  it('stands neighbours of a ring side by side', () => {
    const boxes = layOut(joined(10, 'ring'));
    const middle = (name: string) => {
      const { x, y, width, height } = boxes.get(name) ?? { x: 0, y: 0, width: 0, height: 0 };
      return [x + width / 2, y + height / 2] as const;
    };
    const apart = (one: string, other: string) => {
      const [a, b] = [middle(one), middle(other)];
      return Math.hypot(a[0] - b[0], a[1] - b[1]);
    };
    for (let at = 1; at < 10; at++)
      expect(apart(`site${at}`, `site${at + 1}`)).toBeLessThan(
        apart(`site${at}`, `site${((at + 4) % 10) + 1}`),
      );
  });
});
