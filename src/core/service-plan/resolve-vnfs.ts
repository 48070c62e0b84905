import type {
  Nsd,
  ServiceFlavour,
  ServiceMember,
  Vdu,
  Vnfd,
  VnfFlavour,
} from '../../protocol/descriptors.ts';
import type { MemberWishes, ServiceFile } from '../../protocol/service-file.ts';
import { nearestName } from '../problems/nearest-name.ts';
import type { PlanRefusal } from './refusal.ts';

/** A VNF of the service: a member, or one of several of the same member. */
export interface PlannedVnf {
  /** The member, or `member-2` for the second of it. */
  readonly id: string;
  readonly member: ServiceMember;
  readonly vnfd: Vnfd;
  readonly flavour: VnfFlavour;
  readonly wishes: MemberWishes;
  /** Level of each scaling aspect. */
  readonly levels: Readonly<Record<string, number>>;
  readonly vdus: readonly {
    readonly vdu: Vdu;
    readonly instances: number;
    readonly groups: readonly string[];
  }[];
}

export interface ResolvedVnfs {
  readonly flavour: ServiceFlavour | undefined;
  readonly vnfs: readonly PlannedVnf[];
  readonly refusals: readonly PlanRefusal[];
}

export interface ResolveInput {
  readonly nsd: Nsd;
  /** Those that are onboarded, by id. */
  readonly vnfds: ReadonlyMap<string, Vnfd>;
  readonly wanted: ServiceFile;
  readonly flavour: string | undefined;
  /** Level that an aspect shall have; undefined: that of the wishes, or what there is at first. */
  levelOf(vnf: string, aspect: string): number | undefined;
}

/** Which VNFs a service has, in which flavour, with how many instances of each VDU; and everything that is wrong with that. */
export function resolveVnfs({ nsd, vnfds, wanted, flavour: asked, levelOf }: ResolveInput): ResolvedVnfs {
  const refusals: PlanRefusal[] = [];
  const refuse = (about: string, reason: string, mend: string) => refusals.push({ about, reason, mend });
  const flavour = asked === undefined ? nsd.flavours[0] : nsd.flavours.find(({ id }) => id === asked);
  if (flavour === undefined) {
    const known = nsd.flavours.map(({ id }) => id).join(', ');
    refuse(
      'service',
      `the NSD ${nsd.id} has no deployment flavour ${asked ?? ''}`,
      `one of: ${known || 'none'}`,
    );
    return { flavour, vnfs: [], refusals };
  }
  const members = flavour.members.map(({ id }) => id);
  for (const name of Object.keys(wanted.members ?? {})) {
    if (members.includes(name)) continue;
    const near = nearestName(name, members);
    refuse(
      `member ${name}`,
      'the NSD has no such member',
      near === undefined ? `one of: ${members.join(', ')}` : `did you mean ${near}?`,
    );
  }
  const taken = new Set<string>(members);
  const vnfs = flavour.members.flatMap((member) => {
    const about = `member ${member.id}`;
    const vnfd = vnfds.get(member.vnfdId);
    if (vnfd === undefined) {
      refuse(
        about,
        `its VNFD ${member.vnfdId} is not onboarded`,
        'name its package in the same command, or onboard it first',
      );
      return [];
    }
    const chosen =
      member.flavour === undefined ? vnfd.flavours[0] : vnfd.flavours.find(({ id }) => id === member.flavour);
    if (chosen === undefined) {
      refuse(
        about,
        `the VNFD ${vnfd.id} has no flavour ${member.flavour ?? ''}`,
        'mend flavour-id of the vnf-profile',
      );
      return [];
    }
    for (const reason of vnfd.cannotRun) refuse(about, reason, 'leave the member out, or use a VNFD of VDUs');
    const wishes = wanted.members?.[member.id] ?? {};
    for (const problem of aspectProblems(chosen, wishes)) refuse(about, problem.reason, problem.mend);
    return Array.from({ length: member.minInstances }, (_, index) => {
      const id = index === 0 ? member.id : `${member.id}-${index + 1}`;
      if (index > 0 && taken.has(id)) {
        refuse(
          about,
          `its instance ${index + 1} would be called ${id}, as another member is`,
          'rename that member',
        );
      }
      taken.add(id);
      const levels = Object.fromEntries(
        chosen.scaling.map((aspect) => [
          aspect.id,
          Math.max(0, Math.min(aspect.maxLevel, levelOf(id, aspect.id) ?? wishes.levels?.[aspect.id] ?? 0)),
        ]),
      );
      return { id, member, vnfd, flavour: chosen, wishes, levels, vdus: vdusOf(vnfd, chosen, levels) };
    });
  });
  return { flavour, vnfs, refusals };
}

function aspectProblems(flavour: VnfFlavour, wishes: MemberWishes): readonly Omit<PlanRefusal, 'about'>[] {
  const known = flavour.scaling.map(({ id }) => id);
  const named = [...Object.keys(wishes.levels ?? {}), ...Object.keys(wishes.scaling ?? {})];
  const unknown = [...new Set(named)].filter((name) => !known.includes(name));
  const high = flavour.scaling.flatMap(({ id, maxLevel }) => {
    const level = wishes.levels?.[id] ?? 0;
    return level <= maxLevel
      ? []
      : [
          {
            reason: `level ${level} of ${id} is above its highest, ${maxLevel}`,
            mend: `ask for at most ${maxLevel}`,
          },
        ];
  });
  return [
    ...unknown.map((name) => ({
      reason: `it has no scaling aspect ${name}`,
      mend: known.length === 0 ? 'its VNFD has none' : `one of: ${known.join(', ')}`,
    })),
    ...high,
  ];
}

function vdusOf(
  vnfd: Vnfd,
  flavour: VnfFlavour,
  levels: Readonly<Record<string, number>>,
): PlannedVnf['vdus'] {
  return vnfd.vdus
    .filter(({ pduType }) => pduType === undefined)
    .map((vdu) => {
      const bounds = flavour.instances.find((each) => each.vdu === vdu.id);
      const added = flavour.scaling.reduce((sum, aspect) => {
        const step = aspect.steps.find((each) => each.vdu === vdu.id);
        return sum + (step?.instances ?? 0) * (levels[aspect.id] ?? 0);
      }, 0);
      const instances = Math.min(bounds?.max ?? Number.POSITIVE_INFINITY, (bounds?.initial ?? 1) + added);
      return { vdu, instances, groups: bounds?.groups ?? [] };
    });
}
