import type { ProblemPath } from '../problems/problem.ts';
import { showText } from '../problems/problem.ts';
import { type PackageFinding, refused } from './package-finding.ts';

/** Names that reach into the machinery of objects. */
const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype'];
/** Most values of one descriptor, aliases written out. */
const MAX_VALUES = 50_000;
/** Most text of one descriptor in characters, aliases written out. */
const MAX_CHARS = 4_000_000;

export interface PlainTree {
  readonly tree: unknown;
  readonly findings: readonly PackageFinding[];
}

/**
 * A descriptor's values as a tree of its own: what an alias stands for is written out (within bounds), keys without a value
 * are left out, since they say nothing, and names that no descriptor has any use for are refused.
 */
export function plainTree(raw: unknown): PlainTree {
  const findings: PackageFinding[] = [];
  let values = 0;
  let chars = 0;
  let tooMuch = false;
  const copy = (value: unknown, path: ProblemPath): unknown => {
    values += 1;
    if (typeof value === 'string') chars += value.length;
    if (values > MAX_VALUES || chars > MAX_CHARS) {
      tooMuch = true;
      return undefined;
    }
    if (Array.isArray(value)) {
      const items: readonly unknown[] = value;
      return items.map((item, index) => copy(item, [...path, index]));
    }
    if (typeof value !== 'object' || value === null) return value;
    const kept: [string, unknown][] = [];
    for (const [key, inner] of Object.entries(value)) {
      const here = [...path, key];
      if (PROTOTYPE_NAMES.includes(key)) {
        const message = `the key \`${key}\` is not taken`;
        findings.push(refused('yaml', { path: here, at: 'key', message, mend: 'remove it' }));
      } else if (key === '<<') {
        const message = 'merge keys (`<<`) are not part of YAML 1.2';
        const mend = 'write what it merges out in this place';
        findings.push(refused('yaml', { path: here, at: 'key', message, mend }));
      } else if (inner !== '' && inner !== '~' && inner !== null) {
        kept.push([showText(key, 255), copy(inner, here)]);
      }
    }
    return Object.fromEntries(kept);
  };
  const tree = copy(raw, []);
  if (tooMuch) {
    const message = `more than ${MAX_VALUES} values, or ${MAX_CHARS} characters, with its aliases written out`;
    findings.push(refused('yaml', { path: [], message, mend: 'use fewer aliases, or a smaller descriptor' }));
  }
  return { tree, findings };
}
