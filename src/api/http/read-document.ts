import { parseYaml } from '../../runtime/scenario/parse-yaml.ts';
import { HttpProblem } from './http-problem.ts';

export const MOST_DOCUMENT_BYTES = 256 * 1024;
export const JSON_TYPES = ['application/json'] as const;
export const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'] as const;

/** A body as plain values. An empty one is none. YAML holds JSON, and names the line of what is wrong with either. */
export function readDocument(type: string, text: string): unknown {
  if (text.trim() === '') return undefined;
  if (JSON_TYPES.some((each) => type.startsWith(each))) {
    try {
      const value: unknown = JSON.parse(text);
      return value;
    } catch {
      // Read again below, for the line.
    }
  }
  const parsed = parseYaml(text, { words: { example: 'send an object', files: 'requests' } });
  if (parsed.ok && !type.startsWith('application/json')) return parsed.yaml.value;
  const [problem] = parsed.ok ? [] : parsed.problems;
  const where = problem === undefined ? '' : ` at line ${problem.line}, column ${problem.column}`;
  throw new HttpProblem({
    status: 400,
    reason: `the body cannot be read${where}: ${problem?.message ?? 'it is no JSON'}`,
    hint: problem?.mend ?? 'send JSON, or set Content-Type: application/yaml',
  });
}
