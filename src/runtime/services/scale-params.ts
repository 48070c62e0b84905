import { MusterError } from '../../protocol/errors.ts';
import { type OperationParams, OperationParamsSchema } from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { ScaleRequest } from '../../protocol/service-requests.ts';
import { type PlanSources, planOf } from './plan-of.ts';

/** A request to scale with its aspect, or why it cannot be: all levels are said. @throws NOT_FOUND, CONFLICT, USAGE. */
export async function scaleParams(
  service: ServiceInstance,
  request: ScaleRequest,
  sources: PlanSources,
): Promise<OperationParams> {
  const params = OperationParamsSchema.parse({ ...request, kind: 'scale' });
  if (params.kind !== 'scale') return params;
  const vnf = service.shape.vnfs.find(({ id }) => id === params.vnf);
  if (vnf === undefined) {
    const known = service.shape.vnfs.map(({ id }) => id).join(', ');
    throw new MusterError('NOT_FOUND', `${service.name} has no VNF ${params.vnf}`, {
      hint: known === '' ? 'it is not instantiated' : `one of: ${known}`,
    });
  }
  const { plan } = await planOf(service.wanted, service.flavour, (_, aspect) => vnf.levels[aspect], sources);
  const aspects = plan.vnfs.find(({ id }) => id === vnf.id)?.flavour.scaling ?? [];
  const named = aspects.map(({ id }) => id).join(', ');
  const aspect =
    params.aspect === undefined && aspects.length === 1
      ? aspects[0]
      : aspects.find(({ id }) => id === params.aspect);
  if (aspect === undefined) {
    const message =
      params.aspect === undefined
        ? `${vnf.id} has ${aspects.length} scaling aspects`
        : `${vnf.id} has no scaling aspect ${params.aspect}`;
    throw new MusterError('USAGE', message, {
      hint: named === '' ? 'its VNFD has none' : `--aspect, one of: ${named}`,
    });
  }
  const level = vnf.levels[aspect.id] ?? 0;
  const next = level + (params.direction === 'out' ? params.steps : -params.steps);
  if (next < 0 || next > aspect.maxLevel) {
    throw new MusterError(
      'CONFLICT',
      `${aspect.id} of ${vnf.id} is at level ${level}, and goes from 0 to ${aspect.maxLevel}`,
      {
        hint: next < 0 ? `at most --steps ${level}` : `at most --steps ${aspect.maxLevel - level}`,
      },
    );
  }
  return { ...params, aspect: aspect.id };
}
