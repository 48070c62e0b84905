import { keccak256, stringToBytes } from 'viem';
import { expect, test } from 'vitest';
import { JOURNAL_BATCH } from './journal-batch.ts';

test('batches of the journal are called by the hash of their name', () => {
  expect(JOURNAL_BATCH).toBe(keccak256(stringToBytes('muster journal 1')));
});
