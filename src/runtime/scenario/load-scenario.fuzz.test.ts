import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { createSeededRandom } from '../../adapters/random-seeded/seeded-random.ts';
import type { Random } from '../../ports/random.ts';
import { readScenario } from './load-scenario.ts';
import { renderProblems } from './render-problems.ts';

const FILES = 1000;
const DIR = join(import.meta.dirname, '../../../scenarios');
const SAMPLES = readdirSync(DIR)
  .filter((file) => file.endsWith('.yaml'))
  .sort()
  .map((file) => readFileSync(join(DIR, file), 'utf8'));

const CHARACTERS = [
  ...':-{}[],&*#?|>%@`"\'!~ \t\n\r\u0000\u001b\ufeff\u2028é😀\ud800',
  'a',
  '0',
  '-1',
  '1e400',
  '\n---\n',
  '<<: *a',
  '&a ',
  '*a',
  '!!binary ',
  '\n...\n',
];
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  0.5,
  1e308,
  '',
  'x',
  '20s',
  'S 4',
  '__proto__',
  [],
  {},
  [[]],
  { a: 1 },
  's4>s4',
  'x'.repeat(5000),
  Array.from({ length: 3000 }, (_, n) => n),
];

function pick<T>(random: Random, items: readonly T[]): T | undefined {
  return items[random.below(items.length)];
}

/** Inserts, deletes, repeats, moves or cuts a piece of the text. */
function mutateText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const to = Math.min(text.length, at + random.below(30));
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at) + (pick(random, CHARACTERS) ?? '') + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(to);
    case 2:
      return text.slice(0, to) + text.slice(at, to) + text.slice(to);
    case 3:
      return text.slice(0, at);
    case 4:
      return text.slice(0, at) + (pick(random, CHARACTERS) ?? '') + text.slice(to);
    case 5: {
      const lines = text.split('\n');
      const line = lines.splice(random.below(lines.length), 1);
      lines.splice(random.below(lines.length + 1), 0, ...line);
      return lines.join('\n');
    }
    default:
      return text.slice(at, to) + text.slice(0, at) + text.slice(to);
  }
}

/** Drops, renames, repeats or replaces a value somewhere in the structure. */
function mutateValue(value: unknown, random: Random): unknown {
  if (random.next() < 0.15) return pick(random, VALUES);
  if (Array.isArray(value)) {
    const items: unknown[] = [...value];
    if (items.length === 0) return [pick(random, VALUES)];
    const at = random.below(items.length);
    const kind = random.below(4);
    if (kind === 0) items.splice(at, 1);
    else if (kind === 1) items.push(items[at]);
    else items[at] = mutateValue(items[at], random);
    return items;
  }
  if (typeof value === 'object' && value !== null) {
    const entries: [string, unknown][] = Object.entries(value);
    if (entries.length === 0) return { [pick(random, ['a', 'name']) ?? '']: pick(random, VALUES) };
    const at = random.below(entries.length);
    const [key, inner] = entries[at] ?? ['', null];
    const kind = random.below(5);
    if (kind === 0) entries.splice(at, 1);
    else if (kind === 1) entries[at] = [mutateText(key, random), inner];
    else entries[at] = [key, mutateValue(inner, random)];
    return Object.fromEntries(entries);
  }
  if (typeof value === 'number')
    return pick(random, [-value, value * 1e6, value / 3, String(value), value + 1]);
  if (typeof value === 'string') return mutateText(value, random);
  return pick(random, VALUES);
}

function fuzzed(seed: number): string {
  const random = createSeededRandom(seed);
  let text = pick(random, SAMPLES) ?? '';
  const times = 1 + random.below(6);
  if (random.next() < 0.5) {
    let value: unknown = parse(text);
    for (let n = 0; n < times; n += 1) value = mutateValue(value, random);
    return stringify(value);
  }
  for (let n = 0; n < times; n += 1) text = mutateText(text, random);
  return text;
}

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');
function heapBytes(): number {
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

test(`${FILES} fuzzed files are each answered by a scenario or by clear problems, without crash, hang or growth`, () => {
  let accepted = 0;
  let refused = 0;
  let slowestMs = 0;
  let before = 0;
  for (let seed = 1; seed <= FILES; seed += 1) {
    if (seed === 200) before = heapBytes();
    const text = fuzzed(seed);
    const started = performance.now();
    const loaded = readScenario(text, 'fuzzed.yaml');
    slowestMs = Math.max(slowestMs, performance.now() - started);
    if (loaded.ok) {
      accepted += 1;
      continue;
    }
    refused += 1;
    const lines = text.split(/\r\n|\n|\r/).length;
    expect(loaded.problems.length, `seed ${seed}`).toBeGreaterThan(0);
    for (const { line, column, message, mend } of loaded.problems) {
      expect(line, `seed ${seed}`).toBeGreaterThanOrEqual(1);
      expect(line, `seed ${seed}`).toBeLessThanOrEqual(lines + 1);
      expect(column, `seed ${seed}`).toBeGreaterThanOrEqual(1);
      expect(message.trim(), `seed ${seed}`).not.toBe('');
      expect(mend.trim(), `seed ${seed}`).not.toBe('');
      expect(`${message}${mend}`, `seed ${seed}`).not.toMatch(/\p{Cc}|undefined|\[object/u);
    }
    expect(renderProblems(loaded.source, loaded.problems).replaceAll('\n', ''), `seed ${seed}`).not.toMatch(
      /\p{Cc}/u,
    );
  }
  expect(accepted + refused).toBe(FILES);
  // The mutations are strong enough to be refused mostly, and weak enough that the checks behind the parser are reached.
  expect(refused).toBeGreaterThan(FILES / 2);
  expect(accepted).toBeGreaterThan(FILES / 100);
  expect(slowestMs).toBeLessThan(5000);
  expect(heapBytes() - before).toBeLessThan(20_000_000);
}, 120_000);

test('the same seed gives the same file, so that a failure can be looked at again', () => {
  expect(fuzzed(17)).toBe(fuzzed(17));
  expect(fuzzed(17)).not.toBe(fuzzed(18));
});
