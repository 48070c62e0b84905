import { unitsOfHop } from '../../core/chaining/units-of-hop.ts';
import type { ChainOrder } from '../../ports/infrastructure.ts';
import { changeChain, resolveChain, steeringOf } from './chains.ts';
import type { HeldUnit } from './held-unit.ts';
import { routeHops } from './hop-routing.ts';
import { isAlive } from './process-identity.ts';
import type { SteeringTable } from './steering.ts';
import { steeringTable } from './steering.ts';
import type { ChainRecord, StateFiles } from './unit-record.ts';
import { ChainOrderSchema } from './unit-record.ts';
import type { VirtualLinks } from './virtual-links.ts';

/** The chains that there are, and what they make of units and ports. Calls come one after the other. */
export interface ChainControl {
  /** Throws NOT_FOUND and CONFLICT, see `resolveChain`. */
  set(order: ChainOrder): Promise<void>;
  remove(id: string): Promise<void>;
  /** Lets a unit that has just been joined pass on what its chains bring it. */
  route(unit: HeldUnit): Promise<void>;
  /** Takes over those of the state, and makes the ports do what they say. */
  adopt(): Promise<void>;
}

export function createChainControl(
  units: ReadonlyMap<string, HeldUnit>,
  state: StateFiles,
  links: VirtualLinks,
): ChainControl {
  const chains = new Map<string, ChainRecord>();
  /** Chains that are being changed, as they stand. */
  const shown = new Map<string, SteeringTable>();

  const tables = () => {
    const all = new Map([...chains].map(([id, each]) => [id, steeringTable(steeringOf(each))]));
    for (const [id, table] of shown) all.set(id, table);
    return [...all.values()];
  };
  /** What a unit passes on follows from the chains that it is in. */
  const routeNow = async ({ record }: HeldUnit) => {
    // One that was cut off has no devices any more.
    if (record.process === undefined || record.fenced === true) return;
    const deviceOf = (name: string) => record.interfaces.find((each) => each.name === name)?.device;
    const hops = [...chains.values()].flatMap(({ order }) =>
      order.hops.flatMap((hop) => {
        const [ingress, egress] = [deviceOf(hop.ingress), deviceOf(hop.egress)];
        const own =
          unitsOfHop(hop).includes(record.order.id) && ingress !== undefined && egress !== undefined;
        return own ? [{ ingress, egress }] : [];
      }),
    );
    const devices = record.interfaces.map(({ device }) => device);
    await routeHops(record.process.pid, devices, hops);
  };
  const routeAll = async (ids: readonly string[]) => {
    const all = [...new Set(ids)].flatMap((id) => units.get(id) ?? []);
    const alive = all.filter(({ record }) => record.process !== undefined && isAlive(record.process));
    await Promise.all(alive.map(routeNow));
  };
  const show = async (id: string, before: ChainRecord | undefined, after: ChainRecord | undefined) => {
    try {
      await changeChain(before, after, async (table) => {
        shown.set(id, table);
        await links.steer(tables());
      });
    } finally {
      shown.delete(id);
    }
  };
  const hopsOf = (record: ChainRecord | undefined) => (record?.order.hops ?? []).flatMap(unitsOfHop);

  return {
    set: async (given) => {
      const order = ChainOrderSchema.parse(given);
      const { id } = order;
      const before = chains.get(id);
      const after = resolveChain(order, (unit) => units.get(unit)?.record);
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(after)) return;
      shown.set(id, before === undefined ? emptyTable(order) : steeringTable(steeringOf(before)));
      state.putChain(after);
      chains.set(id, after);
      await routeAll(hopsOf(after));
      await show(id, before, after);
      await routeAll(hopsOf(before).filter((unit) => !hopsOf(after).includes(unit)));
    },
    remove: async (id) => {
      const before = chains.get(id);
      if (before === undefined) return;
      await show(id, before, undefined);
      chains.delete(id);
      state.dropChain(id);
      await routeAll(hopsOf(before));
    },
    route: async (unit) => {
      const own = [...chains.values()].some((each) => hopsOf(each).includes(unit.record.order.id));
      if (own) await routeNow(unit);
    },
    adopt: async () => {
      for (const record of state.chains()) chains.set(record.order.id, record);
      if (chains.size > 0 || units.size > 0) await links.steer(tables());
    },
  };
}

const emptyTable = ({ id, match }: ChainOrder): SteeringTable => ({
  id,
  match,
  forward: { at: new Map(), entry: undefined },
  backward: { at: new Map(), entry: undefined },
});
