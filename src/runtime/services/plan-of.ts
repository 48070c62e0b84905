import { noNsd, nsdIdOf } from '../../core/service-plan/nsd-id.ts';
import { nsdFromFunctions } from '../../core/service-plan/offers.ts';
import { planService, type ServicePlan } from '../../core/service-plan/plan-service.ts';
import type { PlanRefusal } from '../../core/service-plan/refusal.ts';
import { serviceChains } from '../../core/service-plan/service-chains.ts';
import { type TargetInput, targetUnits } from '../../core/service-plan/target-units.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { ServiceFile } from '../../protocol/service-file.ts';
import type { ServiceShape, VnfRecord } from '../../protocol/service-record.ts';
import type { ImageTarget } from '../../protocol/site-config.ts';
import type { ServicePackages } from './service-packages.ts';

export interface PlanSources {
  readonly packages: ServicePackages;
  imageFor(image: string): ImageTarget | undefined;
}

/** The plan of a service, and the packages that it rests upon. */
export interface LoadedPlan {
  readonly plan: ServicePlan;
  /** Digest by name. */
  readonly digests: Readonly<Record<string, string>>;
}

/** Plans a service after its packages as they are onboarded now. @throws BAD_SERVICE with all reasons, NOT_FOUND for the NSD. */
export async function planOf(
  wanted: ServiceFile,
  flavour: string | undefined,
  levelOf: (vnf: string, aspect: string) => number | undefined,
  { packages: stored, imageFor }: PlanSources,
): Promise<LoadedPlan> {
  const packages = await stored.now();
  const vnfds = await packages.vnfds();
  const made = 'functions' in wanted ? nsdFromFunctions(wanted, vnfds, imageFor) : undefined;
  if (made !== undefined && made.refusals.length > 0) throw refusedPlan(wanted.name, made.refusals);
  const id = nsdIdOf(wanted);
  const nsd = made?.nsd ?? (await packages.nsd(id));
  if (nsd === undefined) throw noNsd(id);
  const texts = new Map<string, string>();
  for (const { vnfdId } of nsd.flavours.flatMap(({ members }) => members)) {
    for (const { cloudInitFile: file } of vnfds.get(vnfdId)?.vdus ?? []) {
      const text = file === undefined ? undefined : await packages.cloudInit(vnfdId, file);
      if (text !== undefined) texts.set(`${vnfdId}\n${file}`, text);
    }
  }
  const planned = planService({
    nsd,
    vnfds,
    wanted,
    flavour: flavour ?? wanted.flavour,
    levelOf,
    imageFor,
    cloudInitFile: (vnfd, file) => texts.get(`${vnfd}\n${file}`),
  });
  if ('refusals' in planned) throw refusedPlan(wanted.name, planned.refusals);
  const names = [
    ...(made === undefined ? [`nsd/${nsd.id}`] : []),
    ...new Set(planned.plan.vnfs.map(({ vnfd }) => `vnfd/${vnfd.id}`)),
  ];
  const digests: Record<string, string> = {};
  for (const name of names) digests[name] = (await packages.digest(name)) ?? '';
  return { plan: planned.plan, digests };
}

/** Everything that stands in the way of a service, each with a way out of it. */
export function refusedPlan(name: string, refusals: readonly PlanRefusal[]): MusterError {
  const lines = refusals.map(({ about, reason, mend }) => `  ${about}: ${reason}\n      = ${mend}`);
  const [first] = refusals;
  return new MusterError('BAD_SERVICE', `${name} cannot run as it is asked for:\n${lines.join('\n')}`, {
    hint: first?.mend ?? '',
  });
}

/** What the service shall consist of, beginning with what is there. */
export function targetShape(input: TargetInput): {
  readonly shape: ServiceShape;
  readonly nextIndex: Readonly<Record<string, number>>;
} {
  const { units, nextIndex } = targetUnits(input);
  const vnfs = input.plan.vnfs.map(
    ({ id, member, vnfd, flavour, levels }): VnfRecord => ({
      id,
      member: member.id,
      vnfdId: vnfd.id,
      flavour: flavour.id,
      state: 'INSTANTIATED',
      operational: 'STARTED',
      levels: { ...levels },
    }),
  );
  return {
    shape: {
      vnfs,
      units: [...units],
      chains: [...serviceChains(input.service, input.plan, units)],
      links: [],
    },
    nextIndex,
  };
}
