import type { Abi } from 'viem';
import { decodeEventLog, parseAbi } from 'viem';
import type { BlockProof } from '../../../../../src/protocol/block-proof.ts';
import { ATTESTATION_EVENTS, KEY_VAULT_EVENTS } from '../../../../../src/protocol/contract-events.ts';
import type { Hex, LedgerBlock, LedgerEvent, PipelineAddress } from '../../../../../src/protocol/ledger.ts';
import { LedgerEventSchema } from '../../../../../src/protocol/ledger-blocks.ts';

const ATTESTATION = parseAbi(ATTESTATION_EVENTS);
const KEY_VAULT = parseAbi(KEY_VAULT_EVENTS);

/** The entries that a block's receipts hold of a pipeline. Who sent them is not in receipts: it is left open. */
export function blockOf(
  { header, hash, receipts }: BlockProof,
  pipeline: PipelineAddress,
): Omit<LedgerBlock, 'entries'> & {
  readonly entries: readonly Omit<LedgerBlock['entries'][number], 'from'>[];
} {
  return {
    number: Number(header.number),
    hash,
    parentHash: header.parentHash,
    timestamp: Number(header.timestamp),
    entries: receipts.flatMap(({ transactionHash, logs }) =>
      logs.flatMap(({ address, topics, data, logIndex }) => {
        const abi = abiOf(address, pipeline);
        const event = abi === undefined ? undefined : eventOf(abi, topics, data);
        return event === undefined ? [] : [{ logIndex, transaction: transactionHash, event }];
      }),
    ),
  };
}

function abiOf(address: Hex, { attestation, keys }: PipelineAddress): Abi | undefined {
  if (address.toLowerCase() === attestation.toLowerCase()) return ATTESTATION;
  return address.toLowerCase() === keys.toLowerCase() ? KEY_VAULT : undefined;
}

/** Undefined: of a kind that a ledger's entries do not have. Throws for one that they have and that cannot be. */
function eventOf(abi: Abi, [first, ...rest]: readonly Hex[], data: Hex): LedgerEvent | undefined {
  let log: { readonly eventName?: string; readonly args?: unknown };
  try {
    log = decodeEventLog({ abi, data, topics: [first ?? '0x', ...rest] });
  } catch {
    return undefined;
  }
  // Who may call what: roles are granted when the contracts are deployed, and are no entries.
  if (log.eventName?.startsWith('Role')) return undefined;
  const { kind: batch, ...args } = plain(log.args) as Readonly<Record<string, unknown>>;
  return LedgerEventSchema.parse({ ...args, kind: log.eventName, ...(batch === undefined ? {} : { batch }) });
}

/** As JSON has it: numbers rather than big ones, addresses in lower case. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') return /^0x[0-9a-fA-F]{40}$/.test(value) ? value.toLowerCase() : value;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}
