import type { AbiEvent } from 'viem';
import { decodeEventLog, toEventSelector } from 'viem';
import type { Hex, LedgerEvent } from '../../protocol/ledger.ts';
import { attestationLedgerAbi, keyVaultAbi } from '../ledger/abi.ts';
import type { ChainLog } from './chain-shapes.ts';

type Logged = Pick<ChainLog, 'data' | 'topics'>;

/** Events by their selector: viem would hash the signature of each of a contract's events anew for every log. */
const attestationEvents = bySelector(attestationLedgerAbi);
const keyVaultEvents = bySelector(keyVaultAbi);

/**
 * The event that a log of AttestationLedger holds; undefined for one that `LedgerEvent` does not have (OpenZeppelin's, of roles).
 * Addresses are in lower case.
 */
export function decodeAttestation({ data, topics }: Logged): LedgerEvent | undefined {
  const log = ifKnown(() =>
    decodeEventLog({ abi: known(attestationEvents, topics), data, topics: split(topics) }),
  );
  switch (log?.eventName) {
    case 'GuardEnrolled':
      return { kind: log.eventName, ...log.args, guard: lower(log.args.guard) };
    case 'GuardRemoved':
      return { kind: log.eventName, guard: lower(log.args.guard) };
    case 'AgentAdmitted':
      return { kind: log.eventName, ...log.args, guard: lower(log.args.guard) };
    case 'AgentWithdrawn':
      return { kind: log.eventName, ...log.args };
    case 'AgentRegistered':
      return { kind: log.eventName, ...log.args };
    case 'Succeeded':
      return { kind: log.eventName, ...log.args };
    case 'ChallengesAdded':
      return { kind: log.eventName, ...log.args };
    case 'PlanSet':
      return { kind: log.eventName, ...log.args };
    case 'RoundOpened': {
      const { round, openedAt, commitBy, ...rest } = log.args;
      return {
        kind: log.eventName,
        ...rest,
        round: Number(round),
        openedAt: Number(openedAt),
        commitBy: Number(commitBy),
      };
    }
    case 'Committed': {
      const { round, evidence, verdictBy, ...rest } = log.args;
      return {
        kind: log.eventName,
        ...rest,
        round: Number(round),
        evidence: { ...evidence, pid: Number(evidence.pid), startTime: Number(evidence.startTime) },
        verdictBy: Number(verdictBy),
      };
    }
    case 'VerdictGiven':
      return { kind: log.eventName, ...log.args, round: Number(log.args.round) };
    case 'RoundPassed': {
      const { round, validUntil, ...rest } = log.args;
      return { kind: log.eventName, ...rest, round: Number(round), validUntil: Number(validUntil) };
    }
    case 'RoundFailed':
      return { kind: log.eventName, ...log.args, round: Number(log.args.round) };
    case 'RoundExpired':
      return { kind: log.eventName, ...log.args, round: Number(log.args.round) };
    case 'VerifierReplaced': {
      const { round, verdictBy, ...rest } = log.args;
      return { kind: log.eventName, ...rest, round: Number(round), verdictBy: Number(verdictBy) };
    }
    case 'Arbitration':
      return {
        kind: log.eventName,
        round: Number(log.args.round),
        verdictBy: Number(log.args.verdictBy),
      };
    case 'DeadlinesMoved':
      return { kind: log.eventName, bySeconds: Number(log.args.bySeconds) };
    case 'Suspended':
      return { kind: log.eventName, ...log.args };
    case 'Revoked':
      return { kind: log.eventName, ...log.args };
    case 'ValidityExpired':
      return { kind: log.eventName, ...log.args };
    case 'RootOfTrustMoved':
      return { kind: log.eventName, ...log.args };
    case 'AttestedSetChanged':
      return { kind: log.eventName, version: Number(log.args.version) };
    case 'Anchored': {
      const { kind: batch, root, count } = log.args;
      return { kind: log.eventName, batch, root, count };
    }
    default:
      return undefined;
  }
}

/** The same for KeyVault. */
export function decodeKeyVault({ data, topics }: Logged): LedgerEvent | undefined {
  const log = ifKnown(() =>
    decodeEventLog({ abi: known(keyVaultEvents, topics), data, topics: split(topics) }),
  );
  switch (log?.eventName) {
    case 'EpochOpened': {
      const { epoch, setVersion, ...rest } = log.args;
      return { kind: log.eventName, ...rest, epoch: Number(epoch), setVersion: Number(setVersion) };
    }
    case 'Envelope':
      return { kind: log.eventName, ...log.args, epoch: Number(log.args.epoch) };
    case 'Acknowledged':
      return { kind: log.eventName, ...log.args, epoch: Number(log.args.epoch) };
    default:
      return undefined;
  }
}

function bySelector<Item extends { readonly type: string }>(abi: readonly Item[]): ReadonlyMap<string, Item> {
  return new Map(abi.flatMap((item) => (isEvent(item) ? [[toEventSelector(item), item] as const] : [])));
}

function isEvent<Item extends { readonly type: string }>(item: Item): item is Item & AbiEvent {
  return item.type === 'event';
}

/** The one event that it can be; viem refuses it when there is none. */
function known<Item>(events: ReadonlyMap<string, Item>, [selector = '']: readonly string[]): readonly Item[] {
  const item = events.get(selector);
  return item === undefined ? [] : [item];
}

function ifKnown<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

/** viem wants the first topic apart: an anonymous event, which has none, is nobody's we know. */
function split([first, ...rest]: readonly Hex[]): [signature: Hex, ...Hex[]] {
  return [first ?? '0x', ...rest];
}

export function lower(hex: Hex): Hex {
  return `0x${hex.slice(2).toLowerCase()}`;
}
