import { fillsItself } from '../services/placeholders.ts';

export interface FilledIn {
  readonly text: string;
  /** Names that nobody has given a value; each once. */
  readonly missing: readonly string[];
}

type Values = Readonly<Record<string, string>>;

/** Fills in what a primitive's value holds between `<` and `>`. What fills itself is left while it is not known. */
export function fillPlaceholders(text: string, values: Values): FilledIn {
  const missing = new Set<string>();
  const filled = text.replace(/<([A-Za-z_][\w.-]{0,63})>/g, (whole, name: string) => {
    if (Object.hasOwn(values, name)) return values[name] ?? '';
    if (!fillsItself(name)) missing.add(name);
    return whole;
  });
  return { text: filled, missing: [...missing] };
}

/** Fills in `{{ name }}`, the part of OSM's templates that is taken; `{% .. %}` is none, and stands in `missing` as it is written. */
export function fillTemplate(text: string, values: Values): FilledIn {
  const missing = new Set<string>();
  for (const [block] of text.matchAll(/\{%.{0,200}?%\}/g)) missing.add(block);
  const filled = text.replace(/\{\{\s*([A-Za-z_][\w.-]{0,63})\s*\}\}/g, (whole, name: string) => {
    if (Object.hasOwn(values, name)) return values[name] ?? '';
    missing.add(name);
    return whole;
  });
  return { text: filled, missing: [...missing] };
}
