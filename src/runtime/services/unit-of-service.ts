import { MusterError } from '../../protocol/errors.ts';
import type { UnitRecord } from '../../protocol/service-record.ts';
import type { ServiceOperations } from './operations.ts';

/**
 * A unit of a service, by its id or as the service names it (`web/vm/0`): of several of that name, as while one takes another's place, the
 * newest; also one that an operation which is not over has ordered. @throws NOT_FOUND
 */
export async function unitOfService(
  services: Pick<ServiceOperations, 'get' | 'operation'>,
  service: string,
  typed: string,
): Promise<UnitRecord> {
  const { name, shape, operation } = await services.get(service);
  const ordered = operation === null ? [] : (await services.operation(operation)).target.units;
  const all = [...shape.units, ...ordered.filter(({ id }) => !shape.units.some((each) => each.id === id))];
  const found =
    all.find(({ id }) => id === typed) ??
    all.filter(({ unit }) => unit.id === typed).toSorted((a, b) => b.orderedAtMs - a.orderedAtMs)[0];
  if (found !== undefined) return found;
  const names = all.slice(0, 10).map(({ unit }) => unit.id);
  throw new MusterError('NOT_FOUND', `${name} has no unit ${typed}`, {
    hint: names.length === 0 ? 'nothing of it runs' : `it has ${names.join(', ')}`,
  });
}
