import type { PlacedService } from '../../protocol/placed-service.ts';
import type { Placement } from '../../protocol/service-graph.ts';
import type { Offer, OfferRequest } from '../services/placer.ts';

/** Sums of many amounts are not exact. */
const ROUNDING = 1e-9;

/**
 * What moving units of a placed service would save, counted by whoever asks: of what agents answer only places and ways are taken. Links
 * between units that stay keep their ways. A text: why the answer is none to what was asked.
 */
export function offerOf(
  { graph, placement: before }: Pick<PlacedService, 'graph' | 'placement'>,
  after: Placement,
  { movable, budget, margin, makeRoom = false, avoidSites }: OfferRequest,
): Offer | string {
  const hosts = new Map(before.units.map(({ unit, host }) => [unit, host]));
  const moves = after.units.filter(({ unit, host }) => hosts.get(unit) !== host);
  const moved = new Set(moves.map(({ unit }) => unit));
  const wrong = moves.find(({ unit }) => !movable.some((each) => each.unit === unit));
  if (wrong !== undefined) return `${wrong.unit} may not move`;
  const avoided = moves.find(({ site }) => avoidSites.includes(site));
  if (avoided !== undefined) return `${avoided.unit} would go to ${avoided.site}, which is to be avoided`;
  if (moves.length > budget) return `${moves.length} units would move, and at most ${budget} may`;
  const was = new Map(before.links.map(({ link, path }) => [link, path]));
  const is = new Map(after.links.map(({ link, path }) => [link, path]));
  const cost = { now: 0, after: 0 };
  const links: Offer['links'][number][] = [];
  for (const { id, ends, bytesPerSec } of graph.links) {
    const old = was.get(id) ?? [];
    const path = is.get(id) ?? [];
    const moves = ends.some((end) => moved.has(end));
    cost.now += bytesPerSec * old.length;
    cost.after += bytesPerSec * (moves ? path : old).length;
    if (moves) links.push({ ends, path });
  }
  // Each move saves its part of what the ones before have left, or the agents have counted otherwise.
  const atMost = cost.now * (1 - margin) ** moves.length * (1 + ROUNDING);
  const pays = moves.length > 0 && (makeRoom || (cost.after < cost.now && cost.after <= atMost));
  return pays ? { moves, links, cost } : { moves: [], links: [], cost: { now: cost.now, after: cost.now } };
}
