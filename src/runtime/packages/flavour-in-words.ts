import type { VnfFlavour } from '../../protocol/descriptors.ts';

/** A deployment flavour in words: instances, scaling, healing, primitives. */
export function flavourInWords(flavour: VnfFlavour): readonly string[] {
  return [
    ...flavour.instances.map(({ vdu, initial, min, max }) => `${vdu}: ${initial} at first, ${min} to ${max}`),
    ...flavour.scaling.flatMap((aspect) => [
      `scaling ${aspect.id}: up to level ${aspect.maxLevel}, each ${aspect.steps.map(({ vdu, instances }) => `${instances} x ${vdu}`).join(', ') || 'nothing'}`,
      ...aspect.policies.flatMap((policy) =>
        policy.criteria.map(({ monitoring, scaleOut, scaleIn }) => {
          const bound = (each: typeof scaleOut) =>
            each === undefined ? 'never' : `${each.operation} ${each.threshold}`;
          const how = !policy.enabled ? 'off' : policy.automatic ? 'by itself' : 'by hand';
          return `  ${policy.name} (${how}): ${monitoring ?? '?'} out ${bound(scaleOut)}, in ${bound(scaleIn)}; window ${policy.thresholdMs / 1000} s, cooldown ${policy.cooldownMs / 1000} s`;
        }),
      ),
    ]),
    ...flavour.healing.map(
      ({ vdu, action, cooldownMs, automatic }) =>
        `healing ${vdu}: ${action}${automatic ? ' by itself' : ' by hand'}, cooldown ${cooldownMs / 1000} s`,
    ),
    ...flavour.primitives.map(({ name, when, target, parameters, outcome }) => {
      const values = parameters.map((each) => each.name).join(', ');
      const fate = outcome.state === 'READY' ? 'ready' : `FAILED: ${outcome.reason}`;
      return `primitive ${name}(${values}) of ${target}, ${when}: ${fate}`;
    }),
  ];
}
