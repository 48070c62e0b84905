import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { insiderEdits, WEAK_PEERS } from './insider-edits.ts';
import { LIARS, WITHOUT_COMPARISON } from './liar-edits.ts';
import type { Edit } from './product-copy.ts';
import { PRODUCT } from './product-copy.ts';
import { BAD_HOLDERS, BLIND_GUARD, WEAK_CONTRACTS, WEAK_SHARES, WITHOUT_RE_EXECUTION } from './weakenings.ts';

/** The red team changes copies of the product by its text: whoever rewrites that text is told here, and not after ten minutes there. */
const COPIES: Readonly<Record<string, readonly Edit[]>> = {
  'a guard that does not measure': BLIND_GUARD,
  'agents whose decisions nobody executes again': WITHOUT_RE_EXECUTION,
  'bad holders of shares, and shares that are worth more than they should': [...BAD_HOLDERS, ...WEAK_SHARES],
  'contracts without their checks': WEAK_CONTRACTS,
  'agents that do not do what they decide': [...LIARS, WITHOUT_COMPARISON],
  insiders: insiderEdits({ skew: '/skew', rubbish: '/rubbish' }),
  'insiders among peers that do not check': [
    ...insiderEdits({ skew: '/skew', rubbish: '/rubbish' }),
    ...WEAK_PEERS,
  ],
};

it.each(Object.entries(COPIES))('%s: every change still finds its place', (_, edits) => {
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
});
