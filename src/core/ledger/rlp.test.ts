import fc from 'fast-check';
import { toRlp as known } from 'viem';
import { expect, test } from 'vitest';
import type { Hex } from '../../protocol/ledger.ts';
import type { RlpItem } from './rlp.ts';
import { toRlp } from './rlp.ts';

const bytes = fc
  .uint8Array({ maxLength: 300 })
  .map((each): Hex => `0x${Array.from(each, (one) => one.toString(16).padStart(2, '0')).join('')}`);
const { item } = fc.letrec<{ item: RlpItem }>((tie) => ({
  item: fc.oneof({ depthSize: 'small' }, bytes, fc.array(tie('item'), { maxLength: 5 })),
}));

type Writable = Hex | Writable[];
const writable = (each: RlpItem): Writable => (typeof each === 'string' ? each : each.map(writable));

test('bytes and lists of any depth are encoded as others encode them', () => {
  fc.assert(
    fc.property(item, (each) => {
      expect(toRlp(each)).toBe(known(writable(each)));
    }),
  );
});
