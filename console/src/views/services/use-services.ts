import type { Operation } from '../../../../src/protocol/operation-record.ts';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import { useAsked } from '../../data/use-asked.ts';
import { isGoingOn } from './service-words.ts';

const SLOWLY_MS = 2000;
const SWIFTLY_MS = 400;

/** All services, and the operations that are kept of them; null: they are not asked for. */
export function useServices(wanted: boolean) {
  const services = useAsked<readonly ServiceInstance[]>(wanted ? '/v1/services' : null, SLOWLY_MS);
  const operations = useAsked<readonly Operation[]>(wanted ? '/v1/operations' : null, SLOWLY_MS);
  return { services, operations };
}

/** One service by its id or name, asked for more often while something is done to it. */
export function useService(named: string) {
  const path = encodeURIComponent(named);
  const operations = useAsked<readonly Operation[]>(`/v1/operations?service=${path}`, SWIFTLY_MS * 2);
  const busy = operations.value?.some(isGoingOn) === true;
  const service = useAsked<ServiceInstance>(`/v1/services/${path}`, busy ? SWIFTLY_MS : SLOWLY_MS);
  return {
    service,
    operations,
    again: () => {
      service.again();
      operations.again();
    },
  };
}
