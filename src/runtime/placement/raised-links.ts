import type { PlacedService } from '../../protocol/placed-service.ts';
import type { Placement, UnitLink } from '../../protocol/service-graph.ts';

/** So little more or less, relative to what is booked, is the same. */
const ROUNDING = 1e-9;

interface Own {
  readonly link: UnitLink;
  readonly path: Placement['links'][number]['path'];
}

/**
 * What is booked of a link of a service, the first one first: the link, and a further one, `link+1`, `link+2`, for each time that more has been
 * asked for since. All go the same way.
 */
function partsOf({ graph, placement }: PlacedService, id: string): readonly Own[] {
  return graph.links
    .filter((link) => link.id === id || numberOf(link.id, id) !== undefined)
    .toSorted((a, b) => (numberOf(a.id, id) ?? 0) - (numberOf(b.id, id) ?? 0))
    .map((link) => ({ link, path: placement.links.find((each) => each.link === link.id)?.path ?? [] }));
}

function numberOf(part: string, link: string): number | undefined {
  const rest = part.startsWith(`${link}+`) ? part.slice(link.length + 1) : '';
  return /^\d{1,6}$/.test(rest) ? Number(rest) : undefined;
}

/** The service with what is asked for beyond what is booked, along the same ways; undefined: that is nothing. */
export function raised(
  placed: PlacedService,
  wanted: readonly UnitLink[],
): Pick<PlacedService, 'graph' | 'placement'> | undefined {
  const more = wanted.flatMap(({ id, bytesPerSec }) => {
    const parts = partsOf(placed, id);
    const [first] = parts;
    const last = parts.at(-1);
    const lacks = bytesPerSec - sumOf(parts);
    if (first === undefined || last === undefined || lacks <= bytesPerSec * ROUNDING) return [];
    const number = (numberOf(last.link.id, id) ?? 0) + 1;
    return [{ link: { ...first.link, id: `${id}+${number}`, bytesPerSec: lacks }, path: first.path }];
  });
  if (more.length === 0) return undefined;
  const { graph, placement } = placed;
  return {
    graph: { ...graph, links: [...graph.links, ...more.map(({ link }) => link)] },
    placement: {
      ...placement,
      links: [...placement.links, ...more.map(({ link, path }) => ({ link: link.id, path }))],
    },
  };
}

/** Links that were booked when more was asked for, and are not needed for what is wanted now. */
export function beyond(placed: PlacedService, wanted: readonly UnitLink[]): ReadonlySet<string> {
  const gone = new Set<string>();
  for (const { id, bytesPerSec } of wanted) {
    const parts = partsOf(placed, id);
    let sum = sumOf(parts);
    for (const { link } of parts.slice(1).toReversed()) {
      if (sum - link.bytesPerSec < bytesPerSec * (1 - ROUNDING)) break;
      sum -= link.bytesPerSec;
      gone.add(link.id);
    }
  }
  return gone;
}

function sumOf(parts: readonly Own[]): number {
  return parts.reduce((sum, { link }) => sum + link.bytesPerSec, 0);
}
