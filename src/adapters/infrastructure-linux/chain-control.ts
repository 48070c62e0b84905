import { unitsOfHop } from '../../core/chaining/units-of-hop.ts';
import type { ChainHop, ChainOrder } from '../../ports/infrastructure.ts';
import { changeChain, resolveChain, steeringOf } from './chains.ts';
import type { HeldUnit } from './held-unit.ts';
import type { routeHops } from './hop-routing.ts';
import { isAlive } from './process-identity.ts';
import type { SteeringTable } from './steering.ts';
import { steeringTable } from './steering.ts';
import type { ChainRecord, StateFiles } from './unit-record.ts';
import { ChainOrderSchema } from './unit-record.ts';
import type { VirtualLinks } from './virtual-links.ts';

/**
 * The chains that there are, and what they make of units and ports. Calls come one after the other. One that fails may be repeated: it
 * goes on from what the ports have been told.
 */
export interface ChainControl {
  /** Throws NOT_FOUND and CONFLICT, see `resolveChain`. */
  set(order: ChainOrder): Promise<void>;
  remove(id: string): Promise<void>;
  /** Lets a unit that has just been joined pass on what its chains bring it. */
  route(unit: HeldUnit): Promise<void>;
  /** Takes over those of the state, and makes ports and units do what they say. */
  adopt(): Promise<void>;
}

/** A chain as it stands. */
interface Standing {
  /** As it was set last; undefined: that, or its removal, has not been done to its end. */
  readonly set: ChainRecord | undefined;
  /** What the ports have been told last, whether they have heard it or not. */
  readonly told: SteeringTable;
  /** What its units pass on; while it is changed, what they did before too. */
  readonly hops: readonly ChainHop[];
}

export function createChainControl(
  units: ReadonlyMap<string, HeldUnit>,
  state: Pick<StateFiles, 'chains' | 'putChain' | 'dropChain'>,
  links: Pick<VirtualLinks, 'steer'>,
  passOn: typeof routeHops,
): ChainControl {
  const chains = new Map<string, Standing>();

  const steer = () => links.steer([...chains.values()].map(({ told }) => told));
  /** What a unit passes on follows from the chains that it is in. */
  const routeNow = async ({ record }: HeldUnit) => {
    const { process } = record;
    // One that was cut off has no devices any more.
    if (process === undefined || record.fenced === true) return;
    const deviceOf = (name: string) => record.interfaces.find((each) => each.name === name)?.device;
    const hops = [...chains.values()].flatMap((chain) =>
      chain.hops.flatMap((hop) => {
        const [ingress, egress] = [deviceOf(hop.ingress), deviceOf(hop.egress)];
        const own =
          unitsOfHop(hop).includes(record.order.id) && ingress !== undefined && egress !== undefined;
        return own ? [{ ingress, egress }] : [];
      }),
    );
    const devices = record.interfaces.map(({ device }) => device);
    await passOn(process.pid, devices, hops).catch((error: unknown) => {
      // One that has ended meanwhile passes nothing on.
      if (isAlive(process)) throw error;
    });
  };
  const routeAll = async (ids: Iterable<string>) => {
    const all = [...new Set(ids)].flatMap((id) => units.get(id) ?? []);
    const alive = all.filter(({ record }) => record.process !== undefined && isAlive(record.process));
    await Promise.all(alive.map(routeNow));
  };
  /** Leads flows from what the ports have been told to what they shall do; what fails in between stays as it was told. */
  const lead = (id: string, hops: readonly ChainHop[], to: SteeringTable | undefined) =>
    changeChain(chains.get(id)?.told, to, async (told) => {
      chains.set(id, { set: undefined, told, hops });
      await steer();
    });

  /** Takes it down as it shall be, and has the units of `old` pass on no more than that; those that fail are asked again next time. */
  const settle = async (id: string, next: Standing, old: readonly ChainHop[]) => {
    chains.set(id, next);
    await routeAll(unitsOf(old)).catch((error: unknown) => {
      chains.set(id, { ...next, hops: [...next.hops, ...old] });
      throw error;
    });
  };

  return {
    set: async (given) => {
      const order = ChainOrderSchema.parse(given);
      const { id } = order;
      const before = chains.get(id);
      const after = resolveChain(order, (unit) => units.get(unit)?.record);
      if (before?.set !== undefined && JSON.stringify(before.set) === JSON.stringify(after)) return;
      const old = (before?.hops ?? []).filter((each) => !order.hops.some((hop) => isSame(hop, each)));
      const hops = [...order.hops, ...old];
      chains.set(id, { set: undefined, told: before?.told ?? emptyTable(order), hops });
      await routeAll(unitsOf(order.hops));
      const to = steeringTable(steeringOf(after));
      await lead(id, hops, to);
      await settle(id, { set: undefined, told: to, hops: order.hops }, old);
      state.putChain(after);
      chains.set(id, { set: after, told: to, hops: order.hops });
    },
    remove: async (id) => {
      const before = chains.get(id);
      if (before === undefined) return;
      await lead(id, before.hops, undefined);
      await settle(id, { set: undefined, told: emptyTable(before.told), hops: [] }, before.hops);
      state.dropChain(id);
      chains.delete(id);
    },
    route: async (unit) => {
      const own = [...chains.values()].some(({ hops }) => unitsOf(hops).includes(unit.record.order.id));
      if (own) await routeNow(unit);
    },
    adopt: async () => {
      for (const record of state.chains()) {
        const { id, hops } = record.order;
        chains.set(id, { set: record, told: steeringTable(steeringOf(record)), hops });
      }
      if (chains.size > 0 || units.size > 0) await steer();
      // The predecessor may have been in the middle of a change.
      await routeAll(units.keys());
    },
  };
}

const unitsOf = (hops: readonly ChainHop[]) => hops.flatMap(unitsOfHop);

const isSame = (a: ChainHop, b: ChainHop) =>
  unitsOfHop(a).join() === unitsOfHop(b).join() && a.ingress === b.ingress && a.egress === b.egress;

const emptyTable = ({ id, match }: Pick<ChainOrder, 'id' | 'match'>): SteeringTable => ({
  id,
  match,
  forward: { at: new Map(), entry: undefined },
  backward: { at: new Map(), entry: undefined },
});
