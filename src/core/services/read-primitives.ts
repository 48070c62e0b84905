import type { Primitive, PrimitiveParameter } from '../../protocol/descriptors.ts';
import type { Sol006Day12, Sol006Primitive } from '../../protocol/sol006/day12.ts';
import { placeholdersIn } from './placeholders.ts';

const WHEN = {
  initial: 'initial-config-primitive',
  'on-demand': 'config-primitive',
  terminate: 'terminate-config-primitive',
} as const;

/** Every primitive of a deployment flavour, with what becomes of it when it is called. */
export function readPrimitives(entries: readonly Sol006Day12[]): readonly Primitive[] {
  return entries.flatMap((entry) =>
    (['initial', 'on-demand', 'terminate'] as const).flatMap((when) =>
      (entry[WHEN[when]] ?? [])
        .map((primitive, index) => ({
          name: primitive.name,
          when,
          seq: primitive.seq ?? index,
          target: entry.id,
          parameters: (primitive.parameter ?? []).map(readParameter),
          outcome: outcomeOf(entry, primitive),
        }))
        .toSorted((a, b) => a.seq - b.seq),
    ),
  );
}

type Sol006Parameter = NonNullable<Sol006Primitive['parameter']>[number];

function readParameter(parameter: Sol006Parameter): PrimitiveParameter {
  const value = parameter.value ?? parameter['default-value'];
  return {
    name: parameter.name,
    type: parameter['data-type'],
    value,
    placeholders: value === undefined ? [] : placeholdersIn(value),
  };
}

function outcomeOf(entry: Sol006Day12, primitive: Sol006Primitive): Primitive['outcome'] {
  const places = entry['execution-environment-list'] ?? [];
  const ref = primitive['execution-environment-ref'];
  const place = ref === undefined ? places[0] : places.find((each) => each.id === ref);
  if (place === undefined || (place.juju === undefined && place['helm-chart'] === undefined)) {
    return { state: 'READY' };
  }
  const what =
    place.juju === undefined
      ? `the helm chart ${place['helm-chart'] ?? '?'}`
      : `the juju charm ${place.juju.charm ?? '?'}`;
  return {
    state: 'FAILED',
    reason: `${primitive.name} is carried out by ${what}, and Muster runs neither charms nor charts`,
  };
}
