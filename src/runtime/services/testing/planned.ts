import { planService, type ServicePlan } from '../../../core/service-plan/plan-service.ts';
import type { Nsd, Vnfd } from '../../../protocol/descriptors.ts';
import { type ServiceFile, ServiceFileSchema } from '../../../protocol/service-file.ts';
import { judgeTexts } from '../../packages/testing/sample-files.ts';
import { functionVnfd } from './shop-packages.ts';

export const WALL = functionVnfd('wall');

/** Descriptors of files that are right, by what they are. */
export function descriptors(...texts: readonly string[]): {
  readonly nsd: Nsd | undefined;
  readonly vnfds: ReadonlyMap<string, Vnfd>;
} {
  const all = judgeTexts(texts).map(({ descriptor, problems }) => {
    if (descriptor === undefined) throw new Error(JSON.stringify(problems));
    return descriptor;
  });
  const vnfds = all.filter((each) => each.kind === 'vnfd').map((each) => [each.id, each] as const);
  return { nsd: all.find((each) => each.kind === 'nsd'), vnfds: new Map(vnfds) };
}

/** The plan of a service after an NSD and VNFDs, or why there is none. */
export function planned(
  texts: readonly string[],
  file: object = {},
  images: (image: string) => boolean = () => true,
) {
  const { nsd, vnfds } = descriptors(...texts);
  if (nsd === undefined) throw new Error('an NSD is expected');
  return planService({
    nsd,
    vnfds,
    wanted: wanted(file),
    flavour: wanted(file).flavour,
    levelOf: () => undefined,
    imageFor: (image) => (images(image) ? { catalogue: image } : undefined),
    cloudInitFile: () => undefined,
  });
}

export const wanted = (file: object): ServiceFile =>
  ServiceFileSchema.parse({ name: 'shop', nsd: 'shop-ns', ...file });

export function good(...args: Parameters<typeof planned>): ServicePlan {
  const found = planned(...args);
  if ('refusals' in found) throw new Error(JSON.stringify(found.refusals));
  return found.plan;
}

export function reasons(...args: Parameters<typeof planned>): readonly string[] {
  const found = planned(...args);
  return 'refusals' in found ? found.refusals.map(({ about, reason }) => `${about}: ${reason}`) : [];
}
