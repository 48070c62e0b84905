import { operationWithoutValues, withoutValues } from '../../core/lifecycle/hidden-values.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { Caller } from './caller.ts';

/** What a caller sees of services: values of parameters may be passwords and keys, and are for operators alone. */
export function seenBy(caller: Caller | undefined) {
  const all = caller?.role === 'operator';
  return {
    service: (service: ServiceInstance): ServiceInstance => (all ? service : withoutValues(service)),
    operation: (operation: Operation): Operation => (all ? operation : operationWithoutValues(operation)),
  };
}
