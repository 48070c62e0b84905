import { shapeDifference } from '../../core/lifecycle/operation-steps.ts';
import { raisedLinks } from '../../core/service-plan/booked-amounts.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { Placer } from './placer.ts';

/** Units that were placed and never started stand in no record, nor what was to flow beside before: nobody else would give back what is booked for it. */
export async function giveBackUnstarted(
  { service, before, target, graph }: Operation,
  now: ServiceInstance | undefined,
  placer: Pick<Placer, 'release' | 'lower'>,
): Promise<void> {
  const known = new Set(now?.shape.units.map(({ id }) => id));
  const units = shapeDifference(before, target).added.filter(({ id }) => !known.has(id));
  const links = raisedLinks(graph, before.links).length === 0 ? [] : before.links.map(({ link }) => link);
  await Promise.all([
    ...(units.length === 0
      ? []
      : [
          placer.release(
            service,
            units.map(({ unit }) => unit.id),
          ),
        ]),
    ...(links.length === 0 ? [] : [placer.lower(service, links)]),
  ]);
}
