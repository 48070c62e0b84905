import type { UnitRecord } from '../../protocol/service-record.ts';
import { groupName, type ServicePlan, type UnitGroup } from './plan-service.ts';
import { same } from './same.ts';

export interface TargetUnits {
  /** All that shall run: those that stay as they are, and new ones, which are not placed yet. */
  readonly units: readonly UnitRecord[];
  readonly nextIndex: Readonly<Record<string, number>>;
}

export interface TargetInput {
  readonly service: string;
  readonly plan: ServicePlan;
  /** What there is. */
  readonly units: readonly UnitRecord[];
  readonly nextIndex: Readonly<Record<string, number>>;
  /** Units that do not stay, whatever they are like: they have failed, or their site is gone. */
  readonly leaving: ReadonlySet<string>;
  /** Units that do not leave stay also when they would be ordered otherwise now: only their number changes. */
  readonly asTheyAre: boolean;
  /** New units take the places of those that leave: in chains, and beside the same neighbours. */
  readonly inPlace?: boolean;
  readonly nowMs: number;
}

/**
 * Which units stay, and which are new. One stays when it was ordered as the plan would order it; of too many the newest leave. A new one
 * has a number that none before it had.
 */
export function targetUnits(input: TargetInput): TargetUnits {
  const next: Record<string, number> = { ...input.nextIndex };
  const units = input.plan.groups.flatMap((group) => {
    const kept = keptOf(group, input);
    let hasFirst = kept.some(({ recipe }) => same(recipe, group.firstRecipe));
    const name = groupName(group.vnf.id, group.vdu.id);
    const free = input.inPlace === true ? placesLeft(group, input) : [];
    const added = Array.from({ length: Math.max(0, group.instances - kept.length) }, (_, nth) => {
      const number = next[name] ?? 0;
      next[name] = number + 1;
      const recipe = hasFirst ? group.otherRecipe : group.firstRecipe;
      hasFirst = true;
      return { ...newUnit(group, recipe, number, input), index: free[nth] ?? number };
    });
    return [...kept, ...added];
  });
  return { units, nextIndex: next };
}

function placesLeft({ vnf, vdu }: UnitGroup, { units, leaving }: TargetInput): readonly number[] {
  return units.flatMap((each) =>
    each.vnf === vnf.id && each.vdu === vdu.id && leaving.has(each.id) ? [each.index] : [],
  );
}

function keptOf(group: UnitGroup, { units, leaving, asTheyAre }: TargetInput): readonly UnitRecord[] {
  return (
    units
      .filter(({ id, vnf, vdu }) => vnf === group.vnf.id && vdu === group.vdu.id && !leaving.has(id))
      .filter((each) => asTheyAre || fits(each, group))
      // Of too many, those that have failed leave first.
      .toSorted((a, b) => Number(a.state === 'failed') - Number(b.state === 'failed') || a.index - b.index)
      .slice(0, group.instances)
      .map((each) => (asTheyAre ? each : { ...each, unit: { ...group.unit, id: each.unit.id } }))
  );
}

function fits({ recipe, unit, site }: UnitRecord, group: UnitGroup): boolean {
  const { sites } = group.unit;
  return (
    (same(recipe, group.firstRecipe) || same(recipe, group.otherRecipe)) &&
    (site === null || sites.length === 0 || sites.includes(site)) &&
    same(unit.demand, group.unit.demand) &&
    same(unit.affinity, group.unit.affinity) &&
    same(unit.antiAffinity, group.unit.antiAffinity)
  );
}

function newUnit(
  group: UnitGroup,
  recipe: UnitRecord['recipe'],
  index: number,
  input: TargetInput,
): UnitRecord {
  const name = `${groupName(group.vnf.id, group.vdu.id)}/${index}`;
  return {
    id: `${input.service}/${name}`,
    vnf: group.vnf.id,
    vdu: group.vdu.id,
    index,
    unit: { ...group.unit, id: name },
    recipe,
    host: null,
    site: null,
    state: 'ordered',
    addresses: {},
    reason: null,
    configured: false,
    orderedAtMs: input.nowMs,
  };
}
