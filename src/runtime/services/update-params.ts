import { structuralDifferences } from '../../core/lifecycle/service-difference.ts';
import { nsdIdOf } from '../../core/service-plan/nsd-id.ts';
import { type OperationParams, OperationParamsSchema } from '../../protocol/operation-record.ts';
import { ServiceFileSchema } from '../../protocol/service-file.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { UpdateRequest } from '../../protocol/service-requests.ts';
import { isVersionOf } from './nsd-versions.ts';
import { refusedPlan } from './plan-of.ts';
import type { ServicePackages } from './service-packages.ts';

const RENAMED = { about: 'name', reason: 'its name would be another', mend: 'keep the name that it has' };

/** A request to update a service, as far as nothing of it is structural. @throws BAD_SERVICE with all reasons. */
export async function updateParams(
  service: ServiceInstance,
  request: UpdateRequest,
  packages: ServicePackages,
): Promise<OperationParams> {
  const wanted = request.file === undefined ? service.wanted : ServiceFileSchema.parse(request.file);
  const named = wanted.name === service.name ? [] : [RENAMED];
  const nsd = nsdIdOf(wanted);
  const isVersion = await isVersionOf(service, nsd, packages);
  const structural = structuralDifferences(service, nsd, wanted.flavour ?? service.flavour, isVersion);
  const refusals = [...named, ...structural];
  if (refusals.length > 0) throw refusedPlan(service.name, refusals);
  return OperationParamsSchema.parse({ ...request, kind: 'update' });
}
