import type {
  AffinityGroup,
  HealingPolicy,
  InstanceBounds,
  ScalingAspect,
  ScalingPolicy,
  Vdu,
  VnfFlavour,
} from '../../protocol/descriptors.ts';
import type { Sol006Flavour, Sol006ScalingAspect } from '../../protocol/sol006/vnfd-flavour.ts';
import { demandOfVnf } from './demand.ts';
import { readPrimitives } from './read-primitives.ts';

/** A deployment flavour as we use it. */
export function readFlavour(flavour: Sol006Flavour, vdus: readonly Vdu[]): VnfFlavour {
  const instances = vdus.map((vdu) => boundsOf(flavour, vdu.id));
  return {
    id: flavour.id,
    instances,
    scaling: (flavour['scaling-aspect'] ?? []).map((aspect) => readAspect(aspect, instances)),
    healing: (flavour['healing-aspect'] ?? []).flatMap(readHealing),
    primitives: readPrimitives(
      flavour['lcm-operations-configuration']?.['operate-vnf-op-config']?.['day1-2'] ?? [],
    ),
    groups: (flavour['affinity-or-anti-affinity-group'] ?? []).map(readGroup),
    demand: demandOfVnf(vdus, instances),
  };
}

export function readGroup(group: {
  readonly id: string;
  readonly type?: string | undefined;
  readonly scope?: string | undefined;
}): AffinityGroup {
  const kind = group.type?.toLowerCase().startsWith('anti') === true ? 'anti-affinity' : 'affinity';
  return { id: group.id, kind, scope: group.scope };
}

function boundsOf(flavour: Sol006Flavour, vdu: string): InstanceBounds {
  const profile = flavour['vdu-profile']?.find((each) => each.id === vdu);
  const levels = flavour['instantiation-level'] ?? [];
  const level = levels.find((each) => each.id === flavour['default-instantiation-level']) ?? levels[0];
  const asked = level?.['vdu-level']?.find((each) => each['vdu-id'] === vdu)?.['number-of-instances'];
  const min = profile?.['min-number-of-instances'] ?? 1;
  const initial = Math.max(min, asked ?? min);
  // Without a bound the highest level of its aspect is the bound.
  const most = Math.max(0, ...(flavour['scaling-aspect'] ?? []).map((aspect) => mostAdded(aspect, vdu)));
  const max = profile?.['max-number-of-instances'] ?? initial + most;
  const groups = (profile?.['affinity-or-anti-affinity-group'] ?? []).map(({ id }) => id);
  return { vdu, initial: Math.min(initial, max), min, max, groups };
}

function mostAdded(aspect: Sol006ScalingAspect, vdu: string): number {
  const step = stepsOf(aspect).find((each) => each.vdu === vdu);
  return (aspect['max-scale-level'] ?? 1) * (step?.instances ?? 0);
}

/** What one level adds: the first delta, which is the only one that files have in practice. */
function stepsOf(aspect: Sol006ScalingAspect): ScalingAspect['steps'] {
  const [delta] = aspect['aspect-delta-details']?.deltas ?? [];
  return (delta?.['vdu-delta'] ?? []).map((one) => ({
    vdu: one.id,
    instances: one['number-of-instances'] ?? 1,
  }));
}

function readAspect(aspect: Sol006ScalingAspect, instances: readonly InstanceBounds[]): ScalingAspect {
  const steps = stepsOf(aspect);
  const askedMaxLevel = aspect['max-scale-level'] ?? 1;
  const room = steps.map((step) => {
    const bounds = instances.find((each) => each.vdu === step.vdu);
    if (bounds === undefined || step.instances === 0) return askedMaxLevel;
    return Math.max(0, Math.floor((bounds.max - bounds.initial) / step.instances));
  });
  return {
    id: aspect.id,
    name: aspect.name ?? aspect.id,
    askedMaxLevel,
    maxLevel: Math.min(askedMaxLevel, ...room),
    steps,
    policies: (aspect['scaling-policy'] ?? []).map(readPolicy),
    actions: (aspect['scaling-config-action'] ?? []).map((action) => ({
      trigger: action.trigger,
      primitive: action['vnf-config-primitive-name-ref'],
    })),
  };
}

type Sol006Policy = NonNullable<Sol006ScalingAspect['scaling-policy']>[number];

function readPolicy(policy: Sol006Policy): ScalingPolicy {
  return {
    name: policy.name,
    automatic: policy['scaling-type']?.toLowerCase() !== 'manual',
    enabled: policy.enabled ?? true,
    thresholdMs: (policy['threshold-time'] ?? 0) * 1000,
    cooldownMs: (policy['cooldown-time'] ?? 0) * 1000,
    // The defaults are those of OSM's model.
    outWhen: policy['scale-out-operation-type'] ?? 'OR',
    inWhen: policy['scale-in-operation-type'] ?? 'AND',
    criteria: (policy['scaling-criteria'] ?? []).map((criterion) => ({
      name: criterion.name,
      monitoring: criterion['vnf-monitoring-param-ref'],
      scaleOut: bound(criterion['scale-out-threshold'], criterion['scale-out-relational-operation'], 'GE'),
      scaleIn: bound(criterion['scale-in-threshold'], criterion['scale-in-relational-operation'], 'LE'),
    })),
  };
}

function bound(threshold: number | undefined, operation: string | undefined, usual: string) {
  return threshold === undefined ? undefined : { operation: operation ?? usual, threshold };
}

type Sol006Healing = NonNullable<Sol006Flavour['healing-aspect']>[number];

function readHealing(aspect: Sol006Healing): readonly HealingPolicy[] {
  return (aspect['healing-policy'] ?? []).map((policy) => ({
    aspect: aspect.id,
    vdu: policy['vdu-id'],
    event: policy['event-name'],
    automatic: policy['recovery-type']?.toLowerCase() !== 'manual',
    action: policy['action-on-recovery'] ?? 'REDEPLOY_ONLY',
    cooldownMs: (policy['cooldown-time'] ?? 0) * 1000,
    day1: policy.day1 ?? false,
  }));
}
