import { resolve } from 'node:path';
import type { z } from 'zod';
import { readBounded } from '../../adapters/package-source/read-folder.ts';
import { MusterError } from '../../protocol/errors.ts';
import { parseYaml } from '../scenario/parse-yaml.ts';
import { renderProblems } from '../scenario/render-problems.ts';

const MAX_BYTES = 4_000_000;
/** Problems that one error names at most. */
const MOST_TOLD = 20;

/**
 * Reads a file of one of our formats, YAML or JSON.
 * @throws BAD_FILE with what is wrong with it.
 */
export async function readYamlFile<T>(file: string, schema: z.ZodType<T>, hint: string): Promise<T> {
  const bytes = await readBounded(resolve(file), MAX_BYTES).catch(() => undefined);
  if (bytes === undefined) {
    throw new MusterError('BAD_FILE', `cannot read ${file}, or it is larger than ${MAX_BYTES} bytes`, {
      hint,
    });
  }
  const source = { file, text: new TextDecoder().decode(bytes) };
  const bad = (problems: Parameters<typeof renderProblems>[1]) =>
    new MusterError('BAD_FILE', renderProblems(source, problems).trimEnd(), { hint });
  const parsed = parseYaml(source.text, { words: { example: hint, files: 'files' } });
  if (!parsed.ok) throw bad(parsed.problems);
  const checked = schema.safeParse(parsed.yaml.value);
  if (checked.success) return checked.data;
  const { issues } = checked.error;
  const told = issues
    .slice(0, MOST_TOLD)
    .map(({ path, message }) => `  ${path.join('.') || 'file'}: ${message}`);
  const more = issues.length > MOST_TOLD ? [`  and ${issues.length - MOST_TOLD} more`] : [];
  throw new MusterError('BAD_FILE', [`${file} is not as it should be`, ...told, ...more].join('\n'), {
    hint,
  });
}
