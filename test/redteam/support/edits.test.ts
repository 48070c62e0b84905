import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, it } from 'vitest';
import { oneClock } from './clock-edits.ts';
import { insiderEdits, WEAK_HOLDERS, WEAK_PEERS } from './insider-edits.ts';
import { LIARS, WITHOUT_COMPARISON } from './liar-edits.ts';
import type { Edit } from './product-copy.ts';
import { PRODUCT } from './product-copy.ts';
import {
  ANY_QUOTE,
  BAD_HOLDERS,
  BLIND_GUARD,
  OPEN_DOORS,
  PATIENT,
  UNCOMPARED,
  WEAK_CONTRACTS,
  WEAK_SHARES,
  WITHOUT_RE_EXECUTION,
} from './weakenings.ts';

/** The red team changes copies of the product by its text: whoever rewrites that text is told here, and not after ten minutes there. */
const COPIES: Readonly<Record<string, readonly Edit[]>> = {
  'a guard that does not measure': BLIND_GUARD,
  'agents whose decisions nobody executes again': WITHOUT_RE_EXECUTION,
  'contracts without their checks': WEAK_CONTRACTS,
  'any quote': ANY_QUOTE,
  'open doors': OPEN_DOORS,
  'no deadlines': PATIENT,
  'holders that do not what they ought to': BAD_HOLDERS,
  'the same, and needed': [...BAD_HOLDERS, ...WEAK_SHARES],
  'one clock': oneClock('/lever'),
  'decisions that nobody compares': UNCOMPARED,
  'agents that do not do what they decide': [...LIARS, WITHOUT_COMPARISON],
  insiders: insiderEdits({ rubbish: '/rubbish' }),
  'insiders among peers that do not check': [...insiderEdits({ rubbish: '/rubbish' }), ...WEAK_PEERS],
  'insiders among holders that give too early': [...insiderEdits({ rubbish: '/rubbish' }), ...WEAK_HOLDERS],
};

it.each(Object.entries(COPIES))(
  '%s: every change still finds its place, and leaves a program',
  (_, edits) => {
    const texts = new Map<string, string>();
    const misfits: string[] = [];
    for (const { file, find, put, everywhere } of edits) {
      const text = texts.get(file) ?? readFileSync(join(PRODUCT, file), 'utf8');
      const parts = text.split(find);
      if (everywhere === undefined ? parts.length !== 2 : parts.length < 2)
        misfits.push(`${file}: ${parts.length - 1} times: ${find}`);
      texts.set(file, parts.join(put));
    }
    expect(misfits).toEqual([]);
    for (const [file, text] of texts)
      if (file.endsWith('.ts')) expect(() => transformSync(text, { loader: 'ts' }), file).not.toThrow();
  },
);
