/** Where in a file a problem lies, e.g. `['attacks', 0, 'target']`. */
export type ProblemPath = readonly (string | number)[];

/** One thing that is wrong with a file, where, and how to mend it. Lines and columns count from 1. */
export interface Problem {
  readonly line: number;
  readonly column: number;
  /** E.g. `attacks[0].target`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly mend: string;
  /** Present: it stands for so many that are not told one by one. */
  readonly count?: number;
  /** A warning is told and stands in the way of nothing; left out: an error. */
  readonly severity?: Severity;
}

export type Severity = 'error' | 'warning';

/** A problem before it has been given its line and column. */
export interface Finding {
  readonly path: ProblemPath;
  /** Whether the key or its value is to blame. */
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly mend: string;
}

/** Most problems that are looked for in one file. */
export const MAX_PROBLEMS = 200;

/** Most problems that are told of one file: what fits on a screen or two. How many more there are is told as well. */
export const MOST_TOLD = 25;

/** Writes a path as people write it: `topology.hosts[3].cpu`. */
export function pathText(path: ProblemPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const key = /^[A-Za-z_][\w-]*$/.test(part) ? part : JSON.stringify(showText(part));
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** A piece of a foreign file made safe to print: control characters shown as `·`, at most `limit` characters. */
export function showText(text: string, limit = 60): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '·');
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}

/** A foreign value in a few words, e.g. `the text "45s"`, `a list`. */
export function showValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'string') return `the text "${showText(value)}"`;
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${String(value)}`;
  if (typeof value === 'boolean') return `${String(value)}`;
  return Array.isArray(value) ? 'a list' : 'a map';
}
