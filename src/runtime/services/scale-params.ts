import type { ScalingAspect } from '../../protocol/descriptors.ts';
import { MusterError } from '../../protocol/errors.ts';
import { type OperationParams, OperationParamsSchema } from '../../protocol/operation-record.ts';
import type { ServiceInstance, VnfRecord } from '../../protocol/service-record.ts';
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
  const scaled = { ...params, aspect: aspect.id };
  checkLevel(vnf, scaled, aspects);
  return scaled;
}

/**
 * Refuses a level that there is not, seen from the level of now: it may be another than when the scaling was asked for.
 * @throws NOT_FOUND, CONFLICT.
 */
export function checkLevel(
  vnf: VnfRecord | undefined,
  { vnf: id, aspect, direction, steps }: Extract<OperationParams, { kind: 'scale' }>,
  aspects: readonly Pick<ScalingAspect, 'id' | 'maxLevel'>[],
): void {
  const found = aspects.find((each) => each.id === aspect);
  if (vnf === undefined || found === undefined) {
    throw new MusterError('NOT_FOUND', `there is no scaling aspect ${aspect} of ${id} any more`, {
      hint: 'muster service describe lists its VNFs and their levels',
    });
  }
  const level = vnf.levels[found.id] ?? 0;
  const next = level + (direction === 'out' ? steps : -steps);
  // A level from before its highest was lowered can still go down.
  if (direction === 'out' ? next <= found.maxLevel : next >= 0) return;
  const most = direction === 'out' ? found.maxLevel - level : level;
  throw new MusterError(
    'CONFLICT',
    `${found.id} of ${id} is at level ${level}, and goes from 0 to ${found.maxLevel}`,
    { hint: most > 0 ? `at most --steps ${most}` : 'it can go no further that way' },
  );
}
