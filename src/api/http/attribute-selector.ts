const MOST_FIELDS = 50;

/** What of each thing is told (ETSI GS NFV-SOL 013 clause 5.3): `fields` alone, or all without `exclude_fields`; `id` always. */
export interface Selector {
  readonly fields: readonly (readonly string[])[] | undefined;
  readonly without: readonly (readonly string[])[];
}

export function readSelector(
  query: {
    readonly fields?: string | undefined;
    readonly exclude_fields?: string | undefined;
    readonly all_fields?: string | undefined;
  },
  byDefaultWithout: readonly string[] = [],
): Selector {
  const paths = (text: string) =>
    text
      .split(',')
      .slice(0, MOST_FIELDS)
      .map((each) => each.split('/'));
  return {
    fields: query.fields === undefined ? undefined : paths(query.fields),
    without:
      query.exclude_fields !== undefined
        ? paths(query.exclude_fields)
        : query.fields !== undefined || query.all_fields !== undefined
          ? []
          : byDefaultWithout.map((each) => [each]),
  };
}

export function select(thing: object, { fields, without }: Selector): object {
  const kept = fields === undefined ? thing : picked(thing, [['id'], ['_links'], ...fields]);
  return without.reduce<object>((rest, path) => dropped(rest, path), kept);
}

function picked(thing: object, paths: readonly (readonly string[])[]): object {
  const names = [...new Set(paths.flatMap(([first]) => first ?? []))];
  const entries = names.flatMap((name) => {
    if (!Object.hasOwn(thing, name)) return [];
    const value: unknown = Reflect.get(thing, name);
    const below = paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
    return [
      [name, below.some((rest) => rest.length === 0) ? value : within(value, (each) => picked(each, below))],
    ];
  });
  return Object.fromEntries(entries);
}

function dropped(thing: object, [first, ...rest]: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(thing).flatMap(([name, value]) => {
      if (name !== first || name === 'id') return [[name, value]];
      return rest.length === 0 ? [] : [[name, within(value, (each) => dropped(each, rest))]];
    }),
  );
}

/** Lists are gone through element by element. */
function within(value: unknown, change: (each: object) => object): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => within(each, change));
  return typeof value === 'object' && value !== null ? change(value) : value;
}
