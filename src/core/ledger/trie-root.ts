import type { Hex } from '../../protocol/ledger.ts';
import type { Hashing } from '../attestation/abi-words.ts';
import type { RlpItem } from './rlp.ts';
import { toRlp } from './rlp.ts';

type Keccak = Pick<Hashing, 'keccak256'>;

interface Item {
  readonly nibbles: string;
  readonly value: Hex;
}

/** Root of the Merkle-Patricia trie of a list, keyed by position, as block headers have it (Ethereum Yellow Paper, appendix D). */
export function listRoot(values: readonly Hex[], keccak: Keccak): Hex {
  const items = values.map((value, index) => ({ nibbles: positionKey(index), value }));
  return keccak.keccak256(toRlp(items.length === 0 ? '0x' : nodeOf(items, 0, keccak)));
}

function positionKey(index: number): string {
  const hex = index.toString(16);
  return toRlp(index === 0 ? '0x' : `0x${hex.length % 2 === 0 ? hex : `0${hex}`}`).slice(2);
}

function nodeOf(items: readonly Item[], depth: number, keccak: Keccak): RlpItem {
  const [first] = items;
  if (first === undefined) return '0x';
  if (items.length === 1) return [path(first.nibbles.slice(depth), true), first.value];
  let end = depth;
  while (items.every((each) => each.nibbles[end] !== undefined && each.nibbles[end] === first.nibbles[end]))
    end++;
  if (end > depth) {
    return [path(first.nibbles.slice(depth, end), false), reference(nodeOf(items, end, keccak), keccak)];
  }
  const branches = Array.from({ length: 16 }, (_, nibble) =>
    reference(
      nodeOf(
        items.filter((each) => Number.parseInt(each.nibbles[depth] ?? 'x', 16) === nibble),
        depth + 1,
        keccak,
      ),
      keccak,
    ),
  );
  return [...branches, items.find((each) => each.nibbles.length === depth)?.value ?? '0x'];
}

/** A node within another: itself when it is short, else its hash. */
function reference(node: RlpItem, { keccak256 }: Keccak): RlpItem {
  if (node === '0x') return node;
  const encoded = toRlp(node);
  return encoded.length < 2 + 2 * 32 ? node : keccak256(encoded);
}

function path(nibbles: string, leaf: boolean): Hex {
  const odd = nibbles.length % 2 === 1;
  const flag = (leaf ? 2 : 0) + (odd ? 1 : 0);
  return `0x${flag}${odd ? '' : '0'}${nibbles}`;
}

/** A transaction's receipt as it stands in the trie of its block. */
export function encodeReceipt(receipt: {
  readonly type: number;
  readonly status: number;
  readonly cumulativeGasUsed: Hex;
  readonly logsBloom: Hex;
  readonly logs: readonly { readonly address: Hex; readonly topics: readonly Hex[]; readonly data: Hex }[];
}): Hex {
  const encoded = toRlp([
    receipt.status === 0 ? '0x' : '0x01',
    minimal(receipt.cumulativeGasUsed),
    receipt.logsBloom,
    receipt.logs.map(({ address, topics, data }) => [address, topics, data]),
  ]);
  return receipt.type === 0 ? encoded : `0x0${receipt.type.toString(16)}${encoded.slice(2)}`;
}

/** A quantity without zeros in front, in whole bytes. */
export function minimal(quantity: Hex): Hex {
  const digits = quantity.slice(2).replace(/^0+/, '');
  return `0x${digits.length % 2 === 0 ? digits : `0${digits}`}`;
}
