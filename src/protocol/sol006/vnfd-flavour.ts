import { z } from 'zod';
import { Day12Schema } from './day12.ts';
import { flag, id, list, number, text, unused, whole } from './scalars.ts';

const MAX_INSTANCES = 10_000;
/** A week: longer is a mistake. */
const MAX_SECONDS = 604_800;

const VduProfileSchema = z.strictObject({
  id,
  name: unused,
  description: unused,
  'min-number-of-instances': whole(0, MAX_INSTANCES).optional(),
  'max-number-of-instances': whole(1, MAX_INSTANCES).optional(),
  'local-affinity-or-anti-affinity-rule': unused,
  'affinity-or-anti-affinity-group': list(z.strictObject({ id })).optional(),
});

const LevelSchema = z.strictObject({
  id,
  description: unused,
  'vdu-level': list(
    z.strictObject({ 'vdu-id': id, 'number-of-instances': whole(0, MAX_INSTANCES).optional() }),
  ).optional(),
  'scaling-info': unused,
  'virtual-link-bit-rate-level': unused,
});

const CriterionSchema = z.strictObject({
  name: id,
  'scale-in-threshold': number(-1e15, 1e15).optional(),
  'scale-in-relational-operation': text.optional(),
  'scale-out-threshold': number(-1e15, 1e15).optional(),
  'scale-out-relational-operation': text.optional(),
  'vnf-monitoring-param-ref': id.optional(),
});

const operation = z.preprocess(
  (value) => (typeof value === 'string' ? value.toUpperCase() : value),
  z.enum(['AND', 'OR']),
);

const PolicySchema = z.strictObject({
  name: id,
  'scaling-type': text.optional(),
  enabled: flag.optional(),
  'scale-in-operation-type': operation.optional(),
  'scale-out-operation-type': operation.optional(),
  /** Seconds. */
  'threshold-time': number(0, MAX_SECONDS).optional(),
  /** Seconds. */
  'cooldown-time': number(0, MAX_SECONDS).optional(),
  'scaling-criteria': list(CriterionSchema).optional(),
});

const ScalingAspectSchema = z.strictObject({
  id,
  name: text.optional(),
  description: unused,
  'max-scale-level': whole(0, MAX_INSTANCES).optional(),
  'aspect-delta-details': z
    .strictObject({
      deltas: list(
        z.strictObject({
          id,
          'vdu-delta': list(
            z.strictObject({ id, 'number-of-instances': whole(0, MAX_INSTANCES).optional() }),
          ).optional(),
          'virtual-link-bit-rate-delta': unused,
        }),
      ).optional(),
      'number-of-instances': unused,
    })
    .optional(),
  'scaling-policy': list(PolicySchema).optional(),
  'scaling-config-action': list(
    z.strictObject({ trigger: text, 'vnf-config-primitive-name-ref': id }),
  ).optional(),
});

const HealingAspectSchema = z.strictObject({
  id,
  'healing-policy': list(
    z.strictObject({
      'vdu-id': id,
      'event-name': text.optional(),
      'recovery-type': text.optional(),
      'action-on-recovery': text.optional(),
      /** Seconds. */
      'cooldown-time': number(0, MAX_SECONDS).optional(),
      day1: flag.optional(),
    }),
  ).optional(),
});

/** One way in which a VNF can be deployed (`df`). */
export const DeploymentFlavourSchema = z.strictObject({
  id,
  description: unused,
  'vdu-profile': list(VduProfileSchema).optional(),
  'virtual-link-profile': list(z.looseObject({ id })).optional(),
  'instantiation-level': list(LevelSchema).optional(),
  'default-instantiation-level': id.optional(),
  'scaling-aspect': list(ScalingAspectSchema).optional(),
  'healing-aspect': list(HealingAspectSchema).optional(),
  'supported-operation': unused,
  'lcm-operations-configuration': z
    .strictObject({
      'operate-vnf-op-config': z
        .strictObject({ 'day1-2': list(Day12Schema).optional(), 'min-graceful-stop-timeout': unused })
        .optional(),
      'scale-vnf-to-level-op-config': unused,
      'heal-vnf-op-config': unused,
      'instantiate-vnf-op-config': unused,
      'terminate-vnf-op-config': unused,
    })
    .optional(),
  'affinity-or-anti-affinity-group': list(
    z.strictObject({ id, type: text.optional(), scope: text.optional() }),
  ).optional(),
  'monitoring-parameter': list(z.looseObject({ id })).optional(),
  indicator: unused,
  'supported-vnf-interfaces': unused,
});
export type Sol006Flavour = z.infer<typeof DeploymentFlavourSchema>;
export type Sol006ScalingAspect = z.infer<typeof ScalingAspectSchema>;
