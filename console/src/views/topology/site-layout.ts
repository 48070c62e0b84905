import type { Network, NetworkSite } from '../../data/network/network.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface SiteBox extends Box {
  /** Within the site. */
  readonly hosts: ReadonlyMap<string, Box>;
  /** Switches and access points, within the site. */
  readonly joints: ReadonlyMap<string, Box>;
}

export const HOST = { width: 230, height: 184 } as const;
const JOINT = { width: 110, height: 36 } as const;
const [GAP, PAD, HEAD, APART] = [24, 24, 64, 110] as const;
const MOST_COLUMNS = 4;
/** More than so many are laid out in rows: a ring of them would be too wide to read. */
const MOST_IN_RING = 60;
const ROUNDS = 240;
/** Width to height of the whole, where there are several parts that nothing joins. */
const ASPECT = 2.6;

/** Where everything is drawn: the same network, the same picture. */
export function layOut(network: Network): ReadonlyMap<string, SiteBox> {
  const inner = network.sites.map(insideOf);
  const parts = partsOf(neighbours(network));
  // What nothing joins would push one another out of sight: each is laid out by itself.
  const placed =
    parts.length > MOST_IN_RING
      ? [placedIn(parts.flat(), [], inner)]
      : parts.map((part) => placedIn(part, neighbours(network), inner));
  return new Map(
    sideBySide(placed).flatMap((boxes) =>
      [...boxes].flatMap(([at, box]) => {
        const name = network.sites[at]?.name;
        return name === undefined ? [] : [[name, box] as const];
      }),
    ),
  );
}

/** Sites by their number, of a part that is joined in itself. */
function placedIn(
  order: readonly number[],
  near: readonly (readonly number[])[],
  inner: readonly SiteBox[],
): ReadonlyMap<number, SiteBox> {
  const numbers = order.map((_, at) => at);
  const own = order.map((site) => (near[site] ?? []).map((other) => order.indexOf(other)));
  const places = order.length > MOST_IN_RING ? inRows(numbers) : relaxed(inRing(numbers), own);
  const boxes = order.flatMap((site) => inner[site] ?? []);
  const scale = scaleFor(places, boxes);
  return new Map(
    boxes.map((box, at) => {
      const { x, y } = places[at] ?? { x: 0, y: 0 };
      return [order[at] ?? 0, { ...box, x: x * scale - box.width / 2, y: y * scale - box.height / 2 }];
    }),
  );
}

/** Parts in rows, from left to right, none on another. */
function sideBySide(parts: readonly ReadonlyMap<number, SiteBox>[]): readonly ReadonlyMap<number, SiteBox>[] {
  const around = parts.map((part) => {
    const boxes = [...part.values()];
    const [x, y] = [Math.min(...boxes.map((each) => each.x)), Math.min(...boxes.map((each) => each.y))];
    const right = Math.max(...boxes.map((each) => each.x + each.width));
    const bottom = Math.max(...boxes.map((each) => each.y + each.height));
    return { x, y, width: right - x, height: bottom - y };
  });
  const area = around.reduce((sum, { width, height }) => sum + (width + APART) * (height + APART), 0);
  const most = Math.max(Math.sqrt(area * ASPECT), ...around.map(({ width }) => width));
  let [left, top, rowHeight] = [0, 0, 0];
  return parts.map((part, at) => {
    const { x, y, width, height } = around[at] ?? { x: 0, y: 0, width: 0, height: 0 };
    if (left > 0 && left + width > most) [left, top, rowHeight] = [0, top + rowHeight + APART, 0];
    const [dx, dy] = [left - x, top - y];
    left += width + APART;
    rowHeight = Math.max(rowHeight, height);
    return new Map([...part].map(([site, box]) => [site, { ...box, x: box.x + dx, y: box.y + dy }]));
  });
}

/** A site's own: switches in a row, its hosts below them. */
function insideOf({ hosts, switches, accessPoints }: NetworkSite): SiteBox {
  const columns = Math.max(1, Math.min(MOST_COLUMNS, Math.ceil(Math.sqrt(hosts.length))));
  const joined = [...switches, ...accessPoints];
  const width = Math.max(
    280,
    columns * (HOST.width + GAP) - GAP + 2 * PAD,
    joined.length * (JOINT.width + GAP) - GAP + 2 * PAD,
  );
  const jointsTo = HEAD + (joined.length === 0 ? 0 : JOINT.height + GAP);
  const rows = Math.ceil(hosts.length / columns);
  return {
    x: 0,
    y: 0,
    width,
    height: jointsTo + rows * (HOST.height + GAP) + (rows === 0 ? PAD : 0),
    joints: new Map(
      joined.map((name, at) => [
        name,
        { ...JOINT, y: HEAD, x: (width * (at + 1)) / (joined.length + 1) - JOINT.width / 2 },
      ]),
    ),
    hosts: new Map(
      hosts.map(({ name }, at) => [
        name,
        {
          ...HOST,
          x: PAD + (at % columns) * (HOST.width + GAP),
          y: jointsTo + Math.floor(at / columns) * (HOST.height + GAP),
        },
      ]),
    ),
  };
}

interface Point {
  x: number;
  y: number;
}

function neighbours({ sites, links }: Network): readonly (readonly number[])[] {
  const numbers = new Map(sites.map(({ name }, at) => [name, at]));
  const near = sites.map(() => new Set<number>());
  for (const link of links) {
    const [one, other] = link.sites.map((each) => numbers.get(each));
    if (one === undefined || other === undefined || one === other) continue;
    near[one]?.add(other);
    near[other]?.add(one);
  }
  return near.map((each) => [...each].sort((a, b) => a - b));
}

/** Those that are joined, each part along its links, so that who is joined stands side by side: of a ring its order. */
function partsOf(near: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const parts: number[][] = [];
  const seen = new Set<number>();
  for (let start = 0; start < near.length; start++) {
    if (seen.has(start)) continue;
    const order: number[] = [];
    parts.push(order);
    const open = [start];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      order.push(at);
      for (const next of near[at]?.toReversed() ?? []) if (!seen.has(next)) open.push(next);
    }
  }
  return parts;
}

function inRing(order: readonly number[]): Point[] {
  const places: Point[] = order.map(() => ({ x: 0, y: 0 }));
  const radius = Math.max(order.length > 1 ? 0.6 : 0, order.length / (2 * Math.PI));
  order.forEach((site, at) => {
    // Begins at the upper left, so that two stand side by side.
    const angle = (2 * Math.PI * at) / order.length - Math.PI;
    places[site] = { x: 1.25 * radius * Math.cos(angle), y: radius * Math.sin(angle) };
  });
  return places;
}

function inRows(order: readonly number[]): Point[] {
  const columns = Math.ceil(Math.sqrt(order.length * 1.4));
  const places: Point[] = order.map(() => ({ x: 0, y: 0 }));
  order.forEach((site, at) => {
    const row = Math.floor(at / columns);
    const column = row % 2 === 0 ? at % columns : columns - 1 - (at % columns);
    places[site] = { x: column, y: row };
  });
  return places;
}

/** Fruchterman and Reingold, 1991: all push one another away, links pull together; less and less. */
function relaxed(places: Point[], near: readonly (readonly number[])[]): readonly Point[] {
  for (let round = 0; round < ROUNDS; round++) {
    const most = 0.1 * (1 - round / ROUNDS);
    const pushes = places.map((own, at) => pushOn(own, at, places, near[at] ?? []));
    places.forEach((place, at) => {
      const push = pushes[at] ?? { x: 0, y: 0 };
      const strength = Math.hypot(push.x, push.y);
      if (strength < 1e-9) return;
      const step = Math.min(strength, most) / strength;
      place.x += push.x * step;
      place.y += push.y * step;
    });
  }
  return places;
}

function pushOn(own: Point, at: number, places: readonly Point[], near: readonly number[]): Point {
  const push = { x: 0, y: 0 };
  places.forEach((other, index) => {
    if (index === at) return;
    const [dx, dy] = [own.x - other.x, own.y - other.y];
    const square = Math.max(dx * dx + dy * dy, 1e-4);
    // 1/d away from each, d² towards those that it is joined to.
    const pull = near.includes(index) ? Math.sqrt(square) : 0;
    push.x += dx / square - dx * pull;
    push.y += dy / square - dy * pull;
  });
  return push;
}

/** The least scale at which no two sites overlap. */
function scaleFor(places: readonly Point[], boxes: readonly SiteBox[]): number {
  let scale = 1;
  for (let one = 0; one < places.length; one++) {
    for (let other = 0; other < one; other++) {
      const [a, b, boxA, boxB] = [places[one], places[other], boxes[one], boxes[other]];
      if (a === undefined || b === undefined || boxA === undefined || boxB === undefined) continue;
      const across = ((boxA.width + boxB.width) / 2 + APART) / Math.max(Math.abs(a.x - b.x), 1e-3);
      const down = ((boxA.height + boxB.height) / 2 + APART) / Math.max(Math.abs(a.y - b.y), 1e-3);
      scale = Math.max(scale, Math.min(across, down));
    }
  }
  return scale;
}
