import type { PrimitiveView } from '../../protocol/primitive-view.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { PackagesNow } from './service-packages.ts';

/** What can be done to the functions of a service on demand, as their VNFDs say now. */
export async function onDemandPrimitives(
  { shape }: Pick<ServiceInstance, 'shape'>,
  packages: Pick<PackagesNow, 'vnfds'>,
): Promise<readonly PrimitiveView[]> {
  const vnfds = await packages.vnfds();
  return shape.vnfs.flatMap(({ id, vnfdId, flavour }) => {
    const { primitives = [] } = vnfds.get(vnfdId)?.flavours.find((each) => each.id === flavour) ?? {};
    return primitives
      .filter(({ when }) => when === 'on-demand')
      .map(
        ({ name, target, parameters, outcome }): PrimitiveView => ({
          vnf: id,
          primitive: name,
          target,
          parameters: parameters.map(({ name: parameter, type = null, value = null }) => ({
            name: parameter,
            type,
            value,
          })),
          refused: outcome.state === 'FAILED' ? outcome.reason : null,
        }),
      );
  });
}
