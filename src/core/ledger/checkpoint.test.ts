import { encodeAbiParameters, keccak256, parseAbiParameters } from 'viem';
import { expect, test } from 'vitest';
import { hashing } from '../../adapters/keys/hashing.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { blockDigest, rosterDigest } from './checkpoint.ts';

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const account = (byte: string): Hex => `0x${byte.repeat(20)}`;
const CHAIN = 'uint256 chainId, bytes32 genesis, address attestation, address keys';
const about = {
  chainId: 31_337,
  genesisHash: word('0a'),
  attestation: account('0b'),
  keys: account('0c'),
  number: 70,
  hash: word('0d'),
  stateHash: word('0e'),
  threshold: 2,
};
const chain = [31_337n, about.genesisHash, about.attestation, about.keys] as const;

test('what is signed is hashed as a contract would encode it', () => {
  const block = parseAbiParameters(`string, ${CHAIN}, uint256 number, bytes32 hash, bytes32 state`);
  expect(blockDigest(about, hashing)).toBe(
    keccak256(
      encodeAbiParameters(block, ['muster checkpoint block 2', ...chain, 70n, about.hash, about.stateHash]),
    ),
  );
  const roster = parseAbiParameters(`string, ${CHAIN}, address[] signers, uint256 threshold`);
  for (const signers of [[], [account('01')], [account('01'), account('02'), account('03')]]) {
    expect(rosterDigest({ ...about, signers }, hashing)).toBe(
      keccak256(encodeAbiParameters(roster, ['muster checkpoint signers 1', ...chain, signers, 2n])),
    );
  }
});
