import type { Nsd, ServiceFlavour, Vdu } from '../../protocol/descriptors.ts';
import { MAX_UNITS, type ServiceGraph } from '../../protocol/service-graph.ts';
import type { UnitRecipe } from '../../protocol/service-record.ts';
import { chainRefusals } from './chain-refusals.ts';
import { groupsOf } from './groups.ts';
import type { PlanRefusal } from './refusal.ts';
import { type PlannedVnf, type ResolveInput, resolveVnfs } from './resolve-vnfs.ts';
import { missingDay1Values, type RecipeInput, unitRecipe } from './unit-recipes.ts';

/** Longest name of a unit within its service, so that names made of two of them keep within bounds. */
const LONGEST_NAME = 120;

/** All instances of one VDU of one VNF: alike, but for the addresses that only the first of them can have. */
export interface UnitGroup {
  readonly vnf: PlannedVnf;
  readonly vdu: Vdu;
  readonly instances: number;
  readonly firstRecipe: UnitRecipe;
  readonly otherRecipe: UnitRecipe;
  /** What is placed, but for its name. */
  readonly unit: Omit<ServiceGraph['units'][number], 'id'>;
}

/** What a service shall consist of. */
export interface ServicePlan {
  readonly nsd: Nsd;
  readonly flavour: ServiceFlavour;
  readonly vnfs: readonly PlannedVnf[];
  readonly groups: readonly UnitGroup[];
}

export type PlanInput = ResolveInput & RecipeInput;

/** From descriptors, wishes and the site's images to what shall run; or everything that stands in its way. */
export function planService(
  input: PlanInput,
): { readonly plan: ServicePlan } | { readonly refusals: readonly PlanRefusal[] } {
  const { flavour, vnfs, refusals } = resolveVnfs(input);
  const found: PlanRefusal[] = [...refusals];
  const groups = vnfs.flatMap((vnf) => {
    found.push(...missingDay1Values(vnf, input.wanted));
    return vnf.vdus.flatMap(({ vdu, instances, groups: vduGroups }): readonly UnitGroup[] => {
      if (groupName(vnf.id, vdu.id).length > LONGEST_NAME) {
        found.push({
          about: `member ${vnf.id.slice(0, 40)}`,
          reason: `its name and that of its VDU are longer than ${LONGEST_NAME} characters together`,
          mend: 'shorten one of them',
        });
        return [];
      }
      const first = unitRecipe(vnf, vdu, true, input);
      const other = unitRecipe(vnf, vdu, false, input);
      found.push(...first.refusals);
      if (flavour === undefined || first.recipe === undefined || other.recipe === undefined) return [];
      const unit = {
        member: vnf.id,
        vdu: vdu.id,
        demand: vdu.demand,
        sites: [...(vnf.wishes.sites ?? [])],
        ...groupsOf(vnf, vduGroups, flavour),
      };
      return [{ vnf, vdu, instances, firstRecipe: first.recipe, otherRecipe: other.recipe, unit }];
    });
  });
  if (flavour !== undefined) found.push(...chainRefusals({ nsd: input.nsd, vnfs }, flavour));
  const units = groups.reduce((sum, { instances }) => sum + instances, 0);
  if (units > MAX_UNITS) {
    const mend = 'lower its levels, or split it into several services';
    found.push({
      about: 'service',
      reason: `it would have ${units} units, and at most ${MAX_UNITS} are placed together`,
      mend,
    });
  }
  if (found.length === 0 && units === 0) {
    found.push({
      about: 'service',
      reason: 'it has no unit to run',
      mend: 'give its NSD a member with a VDU',
    });
  }
  if (flavour === undefined || found.length > 0) return { refusals: withoutRepeats(found) };
  return { plan: { nsd: input.nsd, flavour, vnfs, groups } };
}

/** Name of the units of a VDU within their service, but for their number. */
export function groupName(vnf: string, vdu: string): string {
  return `${encodeURIComponent(vnf)}/${encodeURIComponent(vdu)}`;
}

function withoutRepeats(refusals: readonly PlanRefusal[]): readonly PlanRefusal[] {
  const seen = new Set<string>();
  return refusals.filter(({ about, reason }) => {
    const key = `${about}\n${reason}`;
    const known = seen.has(key);
    seen.add(key);
    return !known;
  });
}
