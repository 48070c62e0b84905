import type { ServiceInstance, VnfRecord } from '../../protocol/service-record.ts';
import { stableUuid } from '../../runtime/packages/package-resources.ts';
import { HttpProblem } from '../http/http-problem.ts';

/** Id of a VNF instance among those of all services. */
export function vnfInstanceId(service: ServiceInstance, vnf: VnfRecord): string {
  return stableUuid(`vnf ${service.id}/${vnf.id}`);
}

/** By its id among all, or by its name in the service. Before the first instantiation there are only members. */
export function findVnf(service: ServiceInstance, ref: string): string {
  const { vnfs } = service.shape;
  const found =
    vnfs.find((vnf) => vnf.id === ref || vnfInstanceId(service, vnf) === ref) ??
    vnfs.find(({ member }) => member === ref);
  if (found !== undefined) return found.id;
  throw new HttpProblem({
    status: 404,
    reason: `the service ${service.name} has no VNF ${ref.slice(0, 100)}`,
    hint:
      vnfs.length === 0
        ? 'instantiate it first'
        : `it has ${vnfs
            .slice(0, 20)
            .map(({ id }) => id)
            .join(', ')}`,
    code: 'NOT_FOUND',
  });
}
