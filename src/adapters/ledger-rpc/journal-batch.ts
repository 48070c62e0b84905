import { keccak256, stringToBytes } from 'viem';
import type { Hex } from '../../protocol/ledger.ts';

/** What the ledger calls batches of a pipeline's journal. */
export const JOURNAL_BATCH: Hex = keccak256(stringToBytes('muster journal 1'));
