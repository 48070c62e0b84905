import { stringify } from 'yaml';
import { z } from 'zod';
import { fits } from '../http/attribute-filter.ts';

/** Query of Open Source MANO's lists: attributes with the value that they have to have; names in capitals are flags of its own. */
export const OsmQuerySchema = z.record(
  z.string().max(255),
  z.union([z.string().max(4096), z.array(z.string())]),
);

export function osmFiltered<T extends object>(
  items: readonly T[],
  query: z.output<typeof OsmQuerySchema>,
): readonly T[] {
  const parts = Object.entries(query).flatMap(([name, value]) =>
    /^[A-Z_]+$/.test(name)
      ? []
      : [{ operator: 'in' as const, attribute: name.split('.'), values: [value].flat() }],
  );
  return items.filter((item) => fits(item, parts));
}

/** OSM answers YAML to whom does not ask for JSON. */
export function osmText(accept: string | undefined, body: unknown, jsonType: string) {
  if (accept?.includes('json') === true)
    return { type: jsonType, text: `${JSON.stringify(body, null, 4)}\n` };
  return { type: 'application/yaml; charset=utf-8', text: `---\n${stringify(body)}` };
}

/** s since 1970, as OSM tells times. */
export function seconds(ms: number): number {
  return ms / 1000;
}
