import type { BlockHeader, BlockProof } from '../../protocol/block-proof.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { Hashing } from '../attestation/abi-words.ts';
import { toRlp } from './rlp.ts';
import { encodeReceipt, listRoot, minimal } from './trie-root.ts';

type Keccak = Pick<Hashing, 'keccak256'>;

/** Besu's QBFT and IBFT hash their headers in a way of their own; they mark them so. */
const BYZANTINE = '0x63746963616c2062797a616e74696e65206661756c7420746f6c6572616e6365';

/** Whether a block's header hashes to what it is called. Headers of Byzantine chains are believed. */
export function headerFits(header: BlockHeader, hash: Hex, keccak: Keccak): boolean {
  return header.mixHash === BYZANTINE || headerHash(header, keccak) === hash;
}

/** What does not fit in a block: its number, its header, its receipts. Nothing: its events are those that its hash stands for. */
export function blockFindings(
  { header, hash, receipts }: BlockProof,
  number: number,
  keccak: Keccak,
): readonly string[] {
  const findings: string[] = [];
  if (Number(header.number) !== number) findings.push(`it says that it is block ${Number(header.number)}`);
  if (!headerFits(header, hash, keccak)) findings.push('its header does not hash to its hash');
  if (!receiptsFit(header, receipts, keccak)) {
    findings.push('its receipts (events, outcomes) are not those that its header commits to');
  }
  return findings;
}

/** Whether receipts, all of them and in order, are those of a header. */
export function receiptsFit(
  { receiptsRoot }: BlockHeader,
  receipts: readonly Parameters<typeof encodeReceipt>[0][],
  keccak: Keccak,
): boolean {
  return listRoot(receipts.map(encodeReceipt), keccak) === receiptsRoot;
}

/** What a header hashes to. */
export function headerHash(header: BlockHeader, { keccak256 }: Keccak): Hex {
  const fields: Hex[] = [
    header.parentHash,
    header.sha3Uncles,
    header.miner,
    header.stateRoot,
    header.transactionsRoot,
    header.receiptsRoot,
    header.logsBloom,
    minimal(header.difficulty),
    minimal(header.number),
    minimal(header.gasLimit),
    minimal(header.gasUsed),
    minimal(header.timestamp),
    header.extraData,
    header.mixHash,
    header.nonce,
  ];
  if (header.baseFeePerGas !== undefined) fields.push(minimal(header.baseFeePerGas));
  if (header.withdrawalsRoot) fields.push(header.withdrawalsRoot);
  return keccak256(toRlp(fields));
}
