import type { z } from 'zod';
import { nearestName } from '../../core/problems/nearest-name.ts';
import type { Finding, ProblemPath } from '../../core/problems/problem.ts';
import { MAX_PROBLEMS, showText, showValue } from '../../core/problems/problem.ts';
import { allowedText, childOf, type Shape, shapeAt } from './schema-shape.ts';

type Issue = z.core.$ZodIssue;

/** Puts what a schema found into words, with a way to mend each. `raw`: the file's plain values; `root`: the schema, unless it is that of scenarios. */
export function schemaProblems(raw: unknown, issues: readonly Issue[], root?: Shape): Finding[] {
  const findings: Finding[] = [];
  const renamed = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys' || findings.length > MAX_PROBLEMS) continue;
    const path = plainPath(issue.path);
    for (const key of issue.keys.slice(0, MAX_PROBLEMS)) {
      const known = [...(shapeAt(path, raw, root)?.properties.keys() ?? [])];
      const free = known.filter((name) => childOf(valueAt(raw, path), name) === undefined);
      const near = nearestName(key, free);
      if (near !== undefined) renamed.add(JSON.stringify([...path, near]));
      const message = `the key \`${showText(key)}\` is not known here`;
      const mend =
        near !== undefined ? `did you mean \`${near}\`?` : `remove it, or use one of ${known.join(', ')}`;
      findings.push({ path: [...path, key], at: 'key', message, mend });
    }
  }
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys' || findings.length > 2 * MAX_PROBLEMS) continue;
    const path = plainPath(issue.path);
    // A key that was only misspelt is not missing as well.
    if (valueAt(raw, path) === undefined && renamed.has(JSON.stringify(path))) continue;
    findings.push(explain(raw, path, issue, root));
  }
  return findings;
}

function plainPath(path: readonly PropertyKey[]): ProblemPath {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

function valueAt(raw: unknown, path: ProblemPath): unknown {
  return path.reduce(childOf, raw);
}

function explain(raw: unknown, path: ProblemPath, issue: Issue, root: Shape | undefined): Finding {
  const value = valueAt(raw, path);
  const shape = shapeAt(path, raw, root);
  const key = path.at(-1);
  const name = typeof key === 'string' ? `\`${showText(key)}\`` : 'this entry';
  if (issue.code === 'invalid_union') {
    const choices = unionChoices(issue);
    const mend = choices.length === 0 ? `use ${allowedText(shape)}` : choiceMend(value, choices, name);
    const message = value === undefined ? `${name} is missing` : `${name} is not known: ${showValue(value)}`;
    return { path, at: 'value', message, mend };
  }
  if (value === undefined) {
    return { path, at: 'value', message: `${name} is missing`, mend: `add ${name}: ${allowedText(shape)}` };
  }
  switch (issue.code) {
    case 'invalid_type':
      return {
        path,
        at: 'value',
        message: `${name} should be ${typeWord(issue.expected)}, not ${showValue(value)}`,
        mend: converted(key, value) ?? `use ${allowedText(shape)}`,
      };
    case 'invalid_value':
      return {
        path,
        at: 'value',
        message: `${name} cannot be ${showValue(value)}`,
        mend: choiceMend(
          value,
          issue.values.filter((one) => typeof one === 'string'),
          name,
        ),
      };
    case 'too_small':
    case 'too_big': {
      const less = issue.code === 'too_small';
      const words = Array.isArray(value)
        ? `${name} has too ${less ? 'few' : 'many'} entries: ${value.length}`
        : typeof value === 'string'
          ? `${name} is too ${less ? 'short' : 'long'}: ${value.length} characters`
          : `${name} is too ${less ? 'small' : 'large'}: ${String(value)}`;
      return { path, at: 'value', message: words, mend: `use ${allowedText(shape)}` };
    }
    case 'invalid_format': {
      const slug = typeof value === 'string' ? slugOf(value) : '';
      const mend =
        slug === ''
          ? `use ${allowedText(shape)}`
          : `write \`${slug}\`: lower-case letters, digits and hyphens`;
      return { path, at: 'value', message: `${showValue(value)} cannot be a name`, mend };
    }
    default:
      return {
        path,
        at: 'value',
        message: `${name}: ${showText(issue.message, 200)}`,
        mend: `use ${allowedText(shape)}`,
      };
  }
}

function unionChoices(issue: Extract<Issue, { code: 'invalid_union' }>): string[] {
  const options: unknown = childOf(issue, 'options');
  const items: readonly unknown[] = Array.isArray(options) ? options : [];
  return items.filter((one) => typeof one === 'string');
}

function choiceMend(value: unknown, choices: readonly string[], name: string): string {
  const near = typeof value === 'string' ? nearestName(value, choices) : undefined;
  const all = choices.join(', ');
  if (near !== undefined) return `did you mean \`${near}\`? (${all})`;
  return value === undefined ? `add ${name}: one of ${all}` : `use one of ${all}`;
}

function typeWord(expected: string): string {
  const words: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'text',
    boolean: 'true or false',
    array: 'a list',
    object: 'a map',
  };
  return words[expected] ?? expected;
}

/** What was meant by a value of the wrong type, where it is plain: `45s` for milliseconds, `"25"` for 25, a name for a list of names. */
function converted(key: string | number | undefined, value: unknown): string | undefined {
  if (typeof value !== 'string' || typeof key !== 'string') return undefined;
  const match = /^\s*(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|sec|m|min)?\s*$/.exec(value);
  if (match?.[1] === undefined) return undefined;
  const amount = Number(match[1]);
  if (match[2] === undefined) return `write ${amount}, without quotes`;
  if (!key.endsWith('Ms')) return undefined;
  const unitMs = match[2] === 'ms' ? 1 : match[2].startsWith('s') ? 1000 : 60_000;
  return `write ${Math.round(amount * unitMs)}: times are in milliseconds`;
}

function slugOf(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63);
}
