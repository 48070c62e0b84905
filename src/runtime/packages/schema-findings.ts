import { z } from 'zod';
import { type PackageFinding, refused, warned } from '../../core/services/package-finding.ts';
import { NsdSchema, type Sol006Nsd } from '../../protocol/sol006/nsd.ts';
import { type Sol006Vnfd, VnfdSchema } from '../../protocol/sol006/vnfd.ts';
import { schemaProblems } from '../scenario/schema-problems.ts';
import { type Shape, toShape } from '../scenario/schema-shape.ts';

export type ReadSchema<T> = { readonly value: T | undefined; readonly findings: readonly PackageFinding[] };

/** A VNFD by its schema: what is not known is warned of and left out, what is wrong is refused. */
export function readVnfdSchema(tree: unknown): ReadSchema<Sol006Vnfd> {
  return read(VnfdSchema, tree, 'vnfd');
}

export function readNsdSchema(tree: unknown): ReadSchema<Sol006Nsd> {
  return read(NsdSchema, tree, 'nsd');
}

const shapes = new Map<string, Shape>();

function shapeOf(schema: z.ZodType, name: string): Shape {
  const known = shapes.get(name) ?? toShape(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
  shapes.set(name, known);
  return known;
}

function read<T>(schema: z.ZodType<T>, tree: unknown, name: string): ReadSchema<T> {
  const first = schema.safeParse(tree);
  if (first.success) return { value: first.data, findings: [] };
  const { issues } = first.error;
  const shape = shapeOf(schema, name);
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
  const wrong = issues.filter((issue) => issue.code !== 'unrecognized_keys');
  const warnings = schemaProblems(tree, unknown, shape).map(({ path, at, message, mend }) =>
    warned('unknown-field', {
      path,
      at,
      message: `${message}: it is read past`,
      mend: mend.startsWith('did you mean') ? mend : 'nothing is needed, if nothing depends on it',
    }),
  );
  const errors = schemaProblems(tree, wrong, shape).map(({ path, at, message, mend }) =>
    refused('schema', { path, at, message, mend }),
  );
  const cleaned = wrong.length > 0 ? undefined : schema.safeParse(without(tree, unknown));
  return {
    value: cleaned?.success === true ? cleaned.data : undefined,
    findings: [...errors, ...warnings],
  };
}

/** The same without the keys that the schema does not know. */
function without(tree: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  const unknown = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => JSON.stringify([...issue.path, key])) : [],
    ),
  );
  const copy = (value: unknown, path: readonly PropertyKey[]): unknown => {
    if (Array.isArray(value)) {
      const items: readonly unknown[] = value;
      return items.map((item, index) => copy(item, [...path, index]));
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !unknown.has(JSON.stringify([...path, key])))
        .map(([key, inner]) => [key, copy(inner, [...path, key])]),
    );
  };
  return copy(tree, []);
}
