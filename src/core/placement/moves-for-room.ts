import type { Unit } from '../../protocol/service-graph.ts';
import type { Host } from '../../protocol/substrate.ts';

/** A unit that runs at a host, and may be moved. */
export interface MovableUnit {
  readonly unit: Pick<Unit, 'id' | 'demand' | 'sites'>;
  readonly host: string;
}

type Room = Pick<Host, 'name' | 'site' | 'vcpus' | 'memoryMib' | 'storageGb'>;
type Wanted = MovableUnit['unit'];

/**
 * Which units are worth asking to move, best first, so that all of `wanted` fits what hosts have left: those after whose move it does, the
 * smallest first; where one move is not enough, those that leave larger pieces free. Empty: by its size it fits as it is, or not even if
 * all of them went. Links, groups and the price are left to the agents that bid.
 */
export function movesForRoom<T extends MovableUnit>(
  left: readonly Room[],
  wanted: readonly Wanted[],
  movable: readonly T[],
): readonly T[] {
  if (fits(left, wanted)) return [];
  const all = new Map<string, Room>(left.map((room) => [room.name, room]));
  for (const { unit, host } of movable) {
    const room = all.get(host);
    if (room !== undefined) all.set(host, changed(room, unit.demand, 1));
  }
  if (!fits([...all.values()], wanted)) return [];
  const enough: T[] = [];
  const better: { readonly each: T; readonly gain: number }[] = [];
  for (const each of movable) {
    const { demand } = each.unit;
    const from = left.find(({ name }) => name === each.host);
    const to = tightest(
      left.filter((room) => room !== from),
      each.unit,
    );
    if (from === undefined || to === undefined) continue;
    const after = left.map((room) =>
      room === from ? changed(room, demand, 1) : room === to ? changed(room, demand, -1) : room,
    );
    if (fits(after, wanted)) enough.push(each);
    // By so much the sum of the squares of what is free grows.
    else better.push({ each, gain: demand.vcpus * (from.vcpus + demand.vcpus - to.vcpus) });
  }
  if (enough.length > 0) return enough.toSorted((a, b) => a.unit.demand.vcpus - b.unit.demand.vcpus);
  return better
    .filter(({ gain }) => gain > 0)
    .toSorted((a, b) => b.gain - a.gain)
    .map(({ each }) => each);
}

/** Whether each finds a host, the largest first, each where least is left. */
function fits(left: readonly Room[], wanted: readonly Wanted[]): boolean {
  let rooms = left;
  for (const unit of wanted.toSorted((a, b) => b.demand.vcpus - a.demand.vcpus)) {
    const to = tightest(rooms, unit);
    if (to === undefined) return false;
    rooms = rooms.map((room) => (room === to ? changed(room, unit.demand, -1) : room));
  }
  return true;
}

function tightest(rooms: readonly Room[], { demand, sites }: Wanted): Room | undefined {
  let best: Room | undefined;
  for (const room of rooms) {
    if (sites.length > 0 && !sites.includes(room.site)) continue;
    if (room.vcpus < demand.vcpus || room.memoryMib < demand.memoryMib || room.storageGb < demand.storageGb)
      continue;
    if (best === undefined || room.vcpus < best.vcpus) best = room;
  }
  return best;
}

function changed(room: Room, demand: Wanted['demand'], sign: 1 | -1): Room {
  return {
    ...room,
    vcpus: room.vcpus + sign * demand.vcpus,
    memoryMib: room.memoryMib + sign * demand.memoryMib,
    storageGb: room.storageGb + sign * demand.storageGb,
  };
}
