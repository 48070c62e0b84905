import type { Hex } from '../../protocol/ledger.ts';

/** What the ledger calls batches of a pipeline's journal: keccak256 of `muster journal 1`. */
export const JOURNAL_BATCH: Hex = '0xd1db6c6fbf5119f6bd548ed080dc44d03ef5fd4d68aeeb99e61b480c00b1a889';
