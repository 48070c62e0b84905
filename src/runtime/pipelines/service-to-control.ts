import type { PlacedUnit } from '../../core/pipeline-plan/duties.ts';
import type { ServicePlan } from '../../core/service-plan/plan-service.ts';
import type { Store } from '../../ports/store.ts';
import { imageTargetOf } from '../../protocol/catalogue.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import { planOf } from '../services/plan-of.ts';
import { packagesIn } from '../services/service-packages.ts';

/** What a pipeline is planned for: a service, and where its units are. */
export interface ServiceToControl {
  readonly service: string;
  readonly plan: ServicePlan;
  readonly units: readonly PlacedUnit[];
}

/** A service that runs: its units are where they are. @throws UNSATISFIED when nothing of it is placed, BAD_SERVICE. */
export async function serviceToControl(
  { wanted, flavour, shape, name }: ServiceInstance,
  packages: Store,
  site: SiteConfig,
): Promise<ServiceToControl> {
  const levels = new Map(shape.vnfs.map((vnf) => [vnf.id, vnf.levels]));
  const sources = {
    packages: packagesIn(packages),
    imageFor: (image: string) => imageTargetOf(site, image),
  };
  const { plan } = await planOf(
    wanted,
    flavour === '' ? undefined : flavour,
    (vnf, aspect) => levels.get(vnf)?.[aspect],
    sources,
  );
  const units = shape.units.flatMap(({ vnf, vdu, site: at, host, state }): readonly PlacedUnit[] =>
    at === null || host === null || state === 'stopping' ? [] : [{ vnf, vdu, site: at, host }],
  );
  if (units.length === 0) {
    throw new MusterError('UNSATISFIED', `nothing of ${name} is placed yet`, {
      hint: `muster service describe ${name}`,
    });
  }
  return { service: name, plan, units };
}
