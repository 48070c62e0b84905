import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import type { Finding, Problem, ProblemPath } from '../../core/problems/problem.ts';
import { MAX_PROBLEMS, pathText, showText } from '../../core/problems/problem.ts';
import { nestsTooDeeply } from './nests-too-deeply.ts';

/** Most aliases that one file may expand to: enough for shared host descriptions, too few for a bomb. */
const MAX_ALIASES = 200;
const MAX_DEPTH = 64;

/** A YAML file as plain values, with the way back from a path to its line and column. */
export interface ParsedYaml {
  readonly value: unknown;
  locate(finding: Finding): Problem;
}

export type YamlResult =
  | { readonly ok: true; readonly yaml: ParsedYaml }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Place = { readonly line: number; readonly column: number };

export interface YamlWords {
  /** What to start from when there is nothing to mend. */
  readonly example: string;
  /** What may not have a tag, in the plural. */
  readonly files: string;
}

export interface YamlOptions {
  /** `text`: every scalar is text as it is written, so that `version: 1.0` keeps its zero; `typed`: YAML 1.2's core schema. */
  readonly scalars?: 'typed' | 'text';
  readonly words?: YamlWords;
}

const SCENARIO_WORDS: YamlWords = { example: 'start from a copy of scenarios/demo.yaml', files: 'scenarios' };

/**
 * Reads one YAML 1.2 document (no merge keys, no custom tags). Duplicate keys, several documents, deep nesting and alias
 * bombs are refused with their position.
 */
export function parseYaml(
  text: string,
  { scalars = 'typed', words = SCENARIO_WORDS }: YamlOptions = {},
): YamlResult {
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const found = lines.linePos(offset);
    return { line: Math.max(1, found.line), column: Math.max(1, found.col) };
  };
  const failed = (offset: number, message: string, mend: string): YamlResult => ({
    ok: false,
    problems: [{ ...place(offset), path: '', message, mend }],
  });
  if (nestsTooDeeply(text)) {
    return failed(0, 'nested too deeply to be read', `nest at most ${MAX_DEPTH} levels`);
  }
  try {
    // Keys are compared below: the parser's own comparison is quadratic.
    const options = {
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
      schema: scalars === 'text' ? 'failsafe' : 'core',
      merge: false,
      resolveKnownTags: false,
    } as const;
    const document = parseDocument(text, options);
    // The parser's own stack gave out: what it complains of after that is its own doing.
    const deep = document.errors.find((error) => error.message.startsWith('Maximum call stack'));
    if (deep !== undefined) {
      return failed(deep.pos[0], 'nested too deeply to be read', `nest at most ${MAX_DEPTH} levels`);
    }
    const complaints = [...document.errors, ...document.warnings].map((error) => ({
      ...place(error.pos[0]),
      path: '',
      message: messageFor(error.code) ?? showText(error.message, 200),
      mend: mendFor(error.code, words),
    }));
    complaints.push(...structureProblems(document, place));
    if (complaints.length > 0) return { ok: false, problems: complaints };
    const value: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (value === null || value === undefined) {
      return failed(0, 'the file is empty', words.example);
    }
    return { ok: true, yaml: { value, locate: (finding) => locate(document, place, finding) } };
  } catch (error) {
    if (error instanceof ReferenceError) {
      return error.message.startsWith('Excessive alias count')
        ? failed(
            0,
            `aliases expand to more than ${MAX_ALIASES} copies`,
            'write the repeated parts out, or use fewer aliases',
          )
        : failed(0, 'an alias stands for something that holds it', 'write the repeated part out');
    }
    if (error instanceof RangeError) {
      return failed(0, 'nested too deeply to be read', `nest at most ${MAX_DEPTH} levels`);
    }
    return failed(0, 'cannot be read as YAML', words.example);
  }
}

/** What the parser says in terms of its own interface, said in those of the file. */
function messageFor(code: string): string | undefined {
  return code === 'MULTIPLE_DOCS' ? 'the file holds several documents' : undefined;
}

function mendFor(code: string, { files }: YamlWords): string {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'keep one document in a file: remove everything from the second `---` on';
    case 'TAB_AS_INDENT':
      return 'indent with spaces, not tabs';
    case 'BAD_INDENT':
    case 'MISSING_CHAR':
    case 'BLOCK_IN_FLOW':
      return 'check the indentation and closing brackets or quotes on this line and the one before';
    case 'TAG_RESOLVE_FAILED':
      return `remove the tag: ${files} use plain maps, lists, text, numbers, true and false`;
    case 'BAD_ALIAS':
      return 'define the anchor (`&name`) before the alias (`*name`), or quote the text';
    default:
      return 'mend the YAML here: quote text that holds `: `, `#`, `@`, `*`, `&` or brackets';
  }
}

/** Duplicate keys, excessive depth and aliases of nothing, found without recursion. */
function structureProblems(document: Document.Parsed, place: (offset: number) => Place): Problem[] {
  const problems: Problem[] = [];
  const aliases: { readonly name: string; readonly at: number; readonly path: ProblemPath }[] = [];
  /** Where each anchor stands first. */
  const anchors = new Map<string, number>();
  const note = (node: unknown, path: ProblemPath) => {
    if (!isNode(node)) return;
    const at = node.range?.[0] ?? 0;
    if (isAlias(node)) aliases.push({ name: node.source, at, path });
    else if (node.anchor !== undefined)
      anchors.set(node.anchor, Math.min(at, anchors.get(node.anchor) ?? at));
  };
  const open: { node: Node; path: ProblemPath }[] =
    document.contents === null ? [] : [{ node: document.contents, path: [] }];
  for (let item = open.pop(); item !== undefined && problems.length < MAX_PROBLEMS; item = open.pop()) {
    const { node, path } = item;
    note(node, path);
    if (!isCollection(node)) continue;
    if (path.length >= MAX_DEPTH) {
      const mend = `nest at most ${MAX_DEPTH} levels`;
      problems.push({ ...place(node.range?.[0] ?? 0), path: '', message: 'nested too deeply', mend });
      continue;
    }
    const seen = new Set<string>();
    node.items.forEach((child, index) => {
      if (!isMap(node)) {
        if (isNode(child)) open.push({ node: child, path: [...path, index] });
        return;
      }
      const pair = child as { key: unknown; value: unknown }; // the items of a map are pairs
      note(pair.key, path);
      const key = keyText(pair.key);
      if (key === undefined) {
        const at = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : (node.range?.[0] ?? 0);
        problems.push({
          ...place(at),
          path: pathText(path),
          message: 'this key is not plain text',
          mend: 'use a plain name as the key',
        });
        return;
      }
      if (seen.has(key)) {
        const at = isNode(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
        const mend = 'remove one of the two, or merge their values';
        problems.push({
          ...place(at),
          path: pathText([...path, key]),
          message: `the key \`${showText(key)}\` is there twice`,
          mend,
        });
      }
      seen.add(key);
      if (isNode(pair.value)) open.push({ node: pair.value, path: [...path, key] });
    });
  }
  for (const { name, at, path } of aliases) {
    const anchored = anchors.get(name);
    if (anchored !== undefined && anchored < at) continue;
    const missing = `there is no anchor \`&${showText(name)}\` before this alias`;
    const mend = 'define the anchor (`&name`) before the alias (`*name`), or quote the text';
    problems.push({ ...place(at), path: pathText(path), message: missing, mend });
  }
  return problems;
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isCollection(value) || isAlias(value);
}

function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' || typeof key.value === 'number' || typeof key.value === 'boolean'
    ? String(key.value)
    : undefined;
}

/** Follows the path as far as the file has it; what is missing is placed at the map in which it should be. */
function locate(document: Document.Parsed, place: (offset: number) => Place, finding: Finding): Problem {
  let offset = document.contents?.range[0] ?? 0;
  let node: unknown = document.contents;
  for (const [depth, part] of finding.path.entries()) {
    const parent = isAlias(node) ? node.resolve(document) : node;
    if (isMap(parent)) {
      const pair = parent.items.find((one) => keyText(one.key) === String(part));
      if (pair === undefined) break;
      const keyAt = isNode(pair.key) ? (pair.key.range?.[0] ?? offset) : offset;
      const value = isNode(pair.value) ? pair.value : undefined;
      const isLast = depth === finding.path.length - 1;
      const empty = value === undefined || value.range?.[0] === value.range?.[1];
      offset = (isLast && finding.at === 'key') || empty ? keyAt : (value?.range?.[0] ?? keyAt);
      node = value;
    } else if (isCollection(parent) && typeof part === 'number') {
      const child: unknown = parent.items[part];
      if (!isNode(child)) break;
      offset = child.range?.[0] ?? offset;
      node = child;
    } else break;
  }
  return { ...place(offset), path: pathText(finding.path), message: finding.message, mend: finding.mend };
}
