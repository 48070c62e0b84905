import type { Primitive } from '../../protocol/descriptors.ts';
import type { ServiceShape, UnitRecord } from '../../protocol/service-record.ts';
import { namesIn, readBackends } from '../services/placeholders.ts';

type Parts = Pick<ServiceShape, 'vnfs' | 'units'>;

/** What `<backends.MEMBER.PORT>` stands for in the values of a primitive on a unit: addresses on a link that the unit is joined to. */
export function backendValues(
  { parameters }: Primitive,
  asking: UnitRecord,
  { vnfs, units }: Parts,
): Readonly<Record<string, string>> {
  const links = new Set(asking.recipe.interfaces.map(({ link }) => link));
  const values = parameters
    .flatMap(({ value = '' }) => namesIn(value))
    .flatMap((name) => {
      const asked = readBackends(name);
      if (asked === undefined) return [];
      const addresses = unitsOfMember(asked.member, { vnfs, units }).flatMap(
        ({ state, recipe, addresses: has }) => {
          const face = recipe.interfaces.find(({ link }) => links.has(link));
          const address = face === undefined ? undefined : has[face.name]?.split('/')[0];
          return state !== 'running' || address === undefined ? [] : [`${address}:${asked.port}`];
        },
      );
      return [[name, addresses.join(',')] as const];
    });
  return Object.fromEntries(values);
}

/** Whether units have come or gone that primitives of the first day name as backends: then they are carried out again. */
export function backendsChange(primitives: readonly Primitive[], before: Parts, target: Parts): boolean {
  const members = primitives
    .filter(({ when }) => when === 'initial')
    .flatMap(({ parameters }) => parameters.flatMap(({ value = '' }) => namesIn(value)))
    .flatMap((name) => readBackends(name)?.member ?? []);
  const idsOf = (member: string, parts: Parts) =>
    unitsOfMember(member, parts)
      .map(({ id }) => id)
      .join(' ');
  return members.some((member) => idsOf(member, before) !== idsOf(member, target));
}

function unitsOfMember(member: string, { vnfs, units }: Parts): readonly UnitRecord[] {
  const own = new Set(vnfs.flatMap((each) => (each.member === member ? [each.id] : [])));
  return units.filter(({ vnf }) => own.has(vnf)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
