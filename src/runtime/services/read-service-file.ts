import { z } from 'zod';
import type { Problem } from '../../core/problems/problem.ts';
import { FunctionsDocumentSchema, NsdDocumentSchema, type ServiceFile } from '../../protocol/service-file.ts';
import { parseYaml } from '../scenario/parse-yaml.ts';
import { schemaProblems } from '../scenario/schema-problems.ts';
import { toShape } from '../scenario/schema-shape.ts';

export const MOST_SERVICE_FILE_BYTES = 1_000_000;
export const SERVICE_FILE_HINT =
  'service: { name: shop, nsd: shop-ns } asks for a service after an onboarded NSD; docs/services.md has all of it';

/** A service file that has been looked at. */
export interface ReadServiceFile {
  /** Undefined: it has problems. */
  readonly service: ServiceFile | undefined;
  readonly problems: readonly Problem[];
  readonly source: { readonly file: string; readonly text: string };
}

/** Reads the text of a service file; undefined: it is something else, such as a descriptor. */
export function readServiceFile(text: string, file: string): ReadServiceFile | undefined {
  // YAML, and JSON, which is YAML too.
  if (!/^(\{\s*)?["']?service["']?\s*:/m.test(text)) return undefined;
  const source = { file, text };
  const parsed = parseYaml(text, { words: { example: 'begin with `service:`', files: 'service files' } });
  if (!parsed.ok) return { service: undefined, problems: parsed.problems, source };
  // Judged as what it means to be, so that each mistake is told by itself.
  const byFunctions = /^\s+functions\s*:|["']functions["']\s*:/m.test(text);
  const schema: z.ZodType<{ service: ServiceFile }> = byFunctions
    ? FunctionsDocumentSchema
    : NsdDocumentSchema;
  const checked = schema.safeParse(parsed.yaml.value);
  if (checked.success) return { service: checked.data.service, problems: [], source };
  const shape = toShape(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const findings = schemaProblems(parsed.yaml.value, checked.error.issues, shape);
  return { service: undefined, problems: findings.map((finding) => parsed.yaml.locate(finding)), source };
}
