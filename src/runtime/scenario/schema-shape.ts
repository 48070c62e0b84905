import { z } from 'zod';
import type { ProblemPath } from '../../core/problems/problem.ts';
import { scenarioJsonSchema } from '../../protocol/scenario-schema.ts';

/** One place of the scenario's JSON Schema, as far as error messages need it. */
export interface Shape {
  readonly type: string | undefined;
  readonly properties: ReadonlyMap<string, Shape>;
  readonly required: readonly string[];
  readonly items: Shape | undefined;
  readonly variants: readonly Shape[];
  readonly fixed: string | undefined;
  readonly choices: readonly string[];
  readonly minimum: number | undefined;
  readonly maximum: number | undefined;
  readonly exclusiveMinimum: number | undefined;
  readonly minItems: number | undefined;
  readonly maxItems: number | undefined;
  readonly maxLength: number | undefined;
  readonly pattern: string | undefined;
  readonly description: string | undefined;
}

const NodeSchema = z.looseObject({
  type: z.string().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  items: z.unknown().optional(),
  oneOf: z.array(z.unknown()).optional(),
  anyOf: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
  description: z.string().optional(),
});

/** A JSON Schema as far as error messages need it. */
export function toShape(raw: unknown): Shape {
  const node = NodeSchema.parse(raw);
  return {
    type: node.type,
    properties: new Map(Object.entries(node.properties ?? {}).map(([key, value]) => [key, toShape(value)])),
    required: node.required ?? [],
    // Of a tuple it says that there are no more.
    items: node.items === undefined || node.items === false ? undefined : toShape(node.items),
    variants: [...(node.oneOf ?? []), ...(node.anyOf ?? [])].map(toShape),
    fixed: typeof node.const === 'string' ? node.const : undefined,
    choices: (node.enum ?? []).filter((one) => typeof one === 'string'),
    minimum: node.minimum,
    maximum: node.maximum,
    exclusiveMinimum: node.exclusiveMinimum,
    minItems: node.minItems,
    maxItems: node.maxItems,
    maxLength: node.maxLength,
    pattern: node.pattern,
    description: node.description,
  };
}

let scenarioRoot: Shape | undefined;

function shapeOfScenario(): Shape {
  scenarioRoot ??= toShape(scenarioJsonSchema());
  return scenarioRoot;
}

/** What the schema says about a path, the variant chosen by the file's own `kind` or `behaviour`; undefined where it says nothing. */
export function shapeAt(
  path: ProblemPath,
  value: unknown,
  root: Shape = shapeOfScenario(),
): Shape | undefined {
  let shape: Shape | undefined = pick(root, value);
  let here = value;
  for (const part of path) {
    if (shape === undefined) return undefined;
    here = childOf(here, part);
    const next: Shape | undefined = typeof part === 'number' ? shape.items : shape.properties.get(part);
    shape = next === undefined ? undefined : pick(next, here);
  }
  return shape;
}

function pick(shape: Shape, value: unknown): Shape {
  if (shape.variants.length === 0) return shape;
  const fits = (variant: Shape): boolean =>
    [...variant.properties].every(
      ([key, inner]) => inner.fixed === undefined || childOf(value, key) === inner.fixed,
    );
  return shape.variants.find(fits) ?? shape;
}

/** What a plain value holds under a key or index. */
export function childOf(value: unknown, part: string | number): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    return typeof part === 'number' ? items[part] : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const found = Object.getOwnPropertyDescriptor(value, String(part));
  const inner: unknown = found?.value;
  return inner;
}

/** What may stand here, in words: "a whole number from 1000 to 3600000". */
export function allowedText(shape: Shape | undefined): string {
  if (shape === undefined) return 'another value';
  if (shape.choices.length > 0) return `one of ${shape.choices.join(', ')}`;
  if (shape.variants.length > 0) return 'a map with a known kind';
  const unit = shape.description === undefined ? '' : ` (${shape.description})`;
  switch (shape.type) {
    case 'integer':
    case 'number': {
      const low =
        shape.minimum !== undefined
          ? ` from ${shape.minimum}`
          : shape.exclusiveMinimum !== undefined
            ? ` over ${shape.exclusiveMinimum}`
            : '';
      const high =
        shape.maximum === undefined
          ? ''
          : low.startsWith(' from')
            ? ` to ${shape.maximum}`
            : ` up to ${shape.maximum}`;
      return `a ${shape.type === 'integer' ? 'whole number' : 'number'}${low}${high}${unit}`;
    }
    case 'string':
      if (shape.pattern !== undefined)
        return `a name of lower-case letters, digits and hyphens, at most 63${unit}`;
      return `text${shape.maxLength === undefined ? '' : ` of at most ${shape.maxLength} characters`}${unit}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return `a list${shape.minItems === undefined ? '' : ` of at least ${shape.minItems}`}${shape.maxItems === undefined ? '' : `${shape.minItems === undefined ? ' of' : ' and'} at most ${shape.maxItems}`} entries`;
    default:
      return `a map with ${[...shape.properties.keys()]
        .slice(0, 6)
        .map((key) => `\`${key}\``)
        .join(', ')}${shape.properties.size > 6 ? ', ...' : ''}`;
  }
}
