import { encodeAbiParameters } from 'viem';
import { describe, expect, it } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import type { Evidence, Hex } from '../../protocol/ledger.ts';
import { encodeArrays, encodeWords } from './abi-words.ts';
import { bindingOf, inRosterOrder, rosterHashOf } from './binding.ts';

const b32 = (digit: string): Hex => `0x${digit.repeat(64)}`;
const evidence: Evidence = {
  bootId: b32('1'),
  pid: 4711,
  startTime: 123456789,
  incarnation: 2,
  decisionHead: b32('2'),
  kemKey: b32('3'),
  frameKey: b32('4'),
  quoteHash: b32('0'),
};
const place = { chainId: 31337, contract: `0x${'ab'.repeat(20)}`, round: 9, agent: b32('5') } as const;

describe('a binding', () => {
  it('is encoded as Solidity does', () => {
    const words = encodeWords(evidence.bootId, evidence.pid, evidence.startTime, place.contract);
    const types = [{ type: 'bytes32' }, { type: 'uint64' }, { type: 'uint64' }, { type: 'address' }] as const;
    const values = [
      evidence.bootId,
      BigInt(evidence.pid),
      BigInt(evidence.startTime),
      place.contract,
    ] as const;
    expect(words).toBe(encodeAbiParameters(types, values));
    const arrays = [{ type: 'bytes32[]' }, { type: 'uint32[]' }] as const;
    expect(encodeArrays([b32('1'), b32('2')], [7, 8])).toBe(
      encodeAbiParameters(arrays, [
        [b32('1'), b32('2')],
        [7, 8],
      ]),
    );
  });

  it('changes with whatever it binds', () => {
    const binding = bindingOf(place, evidence, b32('6'), hashing);
    const others = [
      bindingOf({ ...place, chainId: 1 }, evidence, b32('6'), hashing),
      bindingOf({ ...place, contract: `0x${'ac'.repeat(20)}` }, evidence, b32('6'), hashing),
      bindingOf({ ...place, round: 8 }, evidence, b32('6'), hashing),
      bindingOf({ ...place, agent: b32('7') }, evidence, b32('6'), hashing),
      bindingOf(place, { ...evidence, kemKey: b32('8') }, b32('6'), hashing),
      bindingOf(place, { ...evidence, frameKey: b32('8') }, b32('6'), hashing),
      bindingOf(place, { ...evidence, pid: 1 }, b32('6'), hashing),
      bindingOf(place, evidence, b32('8'), hashing),
    ];
    expect(new Set([binding, ...others]).size).toBe(1 + others.length);
  });
});

describe('a roster', () => {
  it('is in ascending order, and its hash tells any key apart', () => {
    const member = (digit: string) => ({
      key: b32(digit),
      incarnation: 1,
      kemKey: b32('a'),
      frameKey: b32('b'),
    });
    const members = inRosterOrder([member('9'), member('3'), member('c')]);
    expect(members.map((each) => each.key)).toEqual([b32('3'), b32('9'), b32('c')]);
    const other = members.map((each, i) => (i === 1 ? { ...each, kemKey: b32('d') } : each));
    expect(rosterHashOf(other, hashing)).not.toBe(rosterHashOf(members, hashing));
  });
});
