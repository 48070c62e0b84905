import { setTimeout as delay } from 'node:timers/promises';
import { unitsOfHop } from '../../core/chaining/units-of-hop.ts';
import type { ChainHop, ChainOrder } from '../../ports/infrastructure.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Steering, SteeringTable } from './steering.ts';
import { transition } from './steering.ts';
import type { ChainRecord, InterfaceRecord, UnitRecord } from './unit-record.ts';
import { ChainOrderSchema } from './unit-record.ts';

/** How long packets under way have to arrive before the hops that they were sent to are forgotten. */
const DRAIN_MS = 200;

/** What an order is on the wire. Throws NOT_FOUND for a unit or interface that is not there, and CONFLICT for a chain that cannot be. */
export function resolveChain(order: ChainOrder, unitOf: (id: string) => UnitRecord | undefined): ChainRecord {
  const { match } = order;
  const ends = [match.source, match.destination, match.sourcePort, match.destinationPort];
  const symmetric = match.source === match.destination && match.sourcePort === match.destinationPort;
  if (ends.every((each) => each === undefined) || symmetric) {
    throw new MusterError('CONFLICT', `chain ${order.id}: its two directions cannot be told apart`, {
      hint: 'match an address or a port of one end',
    });
  }
  const placeOf = (unit: string, { ingress, egress }: ChainHop) => {
    const record = unitOf(unit);
    if (record === undefined || record.order.service !== order.service) {
      throw new MusterError('NOT_FOUND', `chain ${order.id}: ${order.service} has no unit ${unit}`, {
        hint: 'start its units first',
      });
    }
    const find = (name: string): InterfaceRecord => {
      const found = record.interfaces.find((each) => each.name === name);
      if (found === undefined) {
        throw new MusterError('NOT_FOUND', `chain ${order.id}: ${unit} has no interface ${name}`, {
          hint: `it has ${record.interfaces.map((each) => each.name).join(', ') || 'none'}`,
        });
      }
      return found;
    };
    return { unit, ingress: find(ingress), egress: find(egress) };
  };
  const steps = order.hops.map((hop) => unitsOfHop(hop).map((unit) => placeOf(unit, hop)));
  const named = order.hops.flatMap(unitsOfHop);
  if (new Set(named).size < named.length) {
    throw new MusterError('CONFLICT', `chain ${order.id}: a unit is in it twice`, {
      hint: 'each unit can be one hop of a chain',
    });
  }
  steps.forEach((step, index) => {
    const [first] = step;
    for (const { unit, ingress, egress } of step) {
      const apart =
        first?.ingress.link === ingress.link && first.egress.link === egress.link
          ? steps[index + 1]?.find((next) => next.ingress.link !== egress.link)
          : first;
      if (apart === undefined) continue;
      throw new MusterError(
        'CONFLICT',
        `chain ${order.id}: ${unit} and ${apart.unit} are not on one virtual link`,
        { hint: 'name an egress and an ingress that share one' },
      );
    }
  });
  const wire = ({ port, mac, link, address }: InterfaceRecord) => ({ port, mac, link, address });
  return {
    format: 1,
    order: ChainOrderSchema.parse(order),
    hops: steps.flatMap((step) => {
      const [first, ...beside] = step.map(({ ingress, egress }) => ({
        ingress: wire(ingress),
        egress: wire(egress),
      }));
      if (first === undefined) return [];
      return [beside.length === 0 ? first : { ...first, beside }];
    }),
  };
}

export const steeringOf = ({ order, hops }: ChainRecord): Steering => ({
  id: order.id,
  match: order.match,
  steps: order.hops.map((hop, index) => {
    const resolved = hops[index];
    const places = resolved === undefined ? [] : [resolved, ...(resolved.beside ?? [])];
    return unitsOfHop(hop).flatMap((unit, at) => {
      const place = places[at];
      return place === undefined ? [] : [{ unit, ingress: place.ingress, egress: place.egress }];
    });
  }),
});

/** Goes from one state of a chain to another, see `transition`; before the last step packets under way may arrive. */
export async function changeChain(
  told: SteeringTable | undefined,
  after: SteeringTable | undefined,
  show: (table: SteeringTable) => Promise<void>,
): Promise<void> {
  const before = told === undefined || leadsNobody(told) ? undefined : told;
  const sameFlows =
    before === undefined ||
    after === undefined ||
    JSON.stringify(before.match) === JSON.stringify(after.match);
  // Other flows under the same name: what the old ones need is no concern of the new ones.
  const steps = sameFlows
    ? transition(before, after)
    : [...transition(before, undefined), ...transition(undefined, after)];
  for (const [index, step] of steps.entries()) {
    if (index === steps.length - 1 && before !== undefined) await delay(DRAIN_MS);
    await show(step);
  }
}

const leadsNobody = ({ forward, backward }: SteeringTable): boolean =>
  [forward, backward].every(({ at, entry }) => at.size === 0 && entry === undefined);
