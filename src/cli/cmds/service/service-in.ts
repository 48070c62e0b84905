import { MusterError } from '../../../protocol/errors.ts';
import type { Operation } from '../../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../../protocol/service-record.ts';
import { readUpFile } from '../../../runtime/up/up-file.ts';
import { knownName } from '../../known-name.ts';
import { createServiceClient, type ServiceClient } from '../../service-client.ts';

/** The services of what is up here. @throws NOT_FOUND when nothing is. */
export function serviceClient(): ServiceClient {
  const up = readUpFile();
  if (up === undefined) throw new MusterError('NOT_FOUND', 'nothing is up', { hint: 'muster up' });
  return createServiceClient(up);
}

/** The service that is meant: its name, its id, or the beginning of one of them if that is enough. */
export async function serviceNamed(client: ServiceClient, typed: string): Promise<ServiceInstance> {
  const all = await client.list();
  const named = all.find(({ name }) => name === typed);
  if (named !== undefined) return named;
  const known = knownName(
    typed,
    [...all.map(({ name }) => name), ...all.map(({ id }) => id)],
    'service',
    'muster service list',
  );
  const found = all.find(({ id, name }) => id === known || name === known);
  if (found !== undefined) return found;
  throw new MusterError('NOT_FOUND', `there is no service ${typed}`, { hint: 'muster service list' });
}

export async function operationNamed(client: ServiceClient, typed: string): Promise<Operation> {
  const all = await client.operations();
  const id = knownName(
    typed,
    all.map((each) => each.id),
    'operation',
    'muster service operation list',
  );
  return client.operation(id);
}
