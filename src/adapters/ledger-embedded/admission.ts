import { z } from 'zod';
import type { Hex } from '../../protocol/ledger.ts';
import { Quantity, quantity } from './block-ref.ts';
import type { NodeRpc } from './ipc-rpc.ts';
import { createRateLimit } from './rate-limit.ts';

/** Transactions of accounts without a role, all together. A second of them fills a fortieth of a block at most. */
const STRANGERS = { perSec: 2, burst: 10 };
const STRANGER_GAS = 2_000_000;
/** Of theirs, how many may wait for a block, or for an earlier transaction that never comes. */
const MOST_STRANGERS_WAITING = 32;

/** The contract in which roles are held, and the account that deployed it. */
export interface RoleSource {
  readonly contract: Hex;
  readonly operator: Hex;
}

/** keccak256 of the events by which an account gets or loses a role; the account is the topic at that place. */
const ROLE_EVENTS: ReadonlyMap<string, { readonly place: number; readonly holds: boolean }> = new Map([
  // RoleGranted(bytes32,address,address), RoleRevoked(bytes32,address,address)
  ['0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d', { place: 2, holds: true }],
  ['0xf6391f5c32d9c69d2a47ea670b442974b53935d1edc7fd64eb21e047a839171b', { place: 2, holds: false }],
  // GuardEnrolled(address,bytes32,string), GuardRemoved(address)
  ['0xcc04f2a5649d8198775cf47ac9a6d6376161304587304b9c8d6b0ee00d1120da', { place: 1, holds: true }],
  ['0x59926e0a78d12238b668b31c8e3f6ece235a59a00ede111d883e255b68c4d048', { place: 1, holds: false }],
]);

const TransactionSchema = z.object({ from: z.string(), gas: Quantity });
const LogsSchema = z.array(z.object({ topics: z.array(z.string()) }));

export interface Admission {
  /** Whether a transaction that the node has taken may stay; `waiting` are those that no block has yet. */
  admit(hash: Hex, waiting: ReadonlySet<Hex>): Promise<boolean>;
}

/**
 * Transactions cost nothing here, so room in blocks is for those who hold a role in the pipeline; anybody else (who may call `tick` and
 * `expire`) gets a little of it. Roles are read from the contract's own events, up to the final block.
 */
export function createAdmission(
  rpc: NodeRpc,
  roles: RoleSource,
  options: { finalBlock(): number; nowMs(): number },
): Admission {
  const operator = roles.operator.toLowerCase();
  const roleCounts = new Map<string, number>();
  const allowed = createRateLimit(STRANGERS, options.nowMs);
  let readUpTo = -1;
  let strangers: readonly Hex[] = [];

  async function holdsRole(account: string): Promise<boolean> {
    if (account === operator) return true;
    const final = options.finalBlock();
    if (final > readUpTo) {
      const filter = {
        address: roles.contract,
        fromBlock: quantity(readUpTo + 1),
        toBlock: quantity(final),
        topics: [[...ROLE_EVENTS.keys()]],
      };
      const logs = LogsSchema.parse(await rpc.request('eth_getLogs', [filter]));
      for (const { topics } of logs) {
        const event = ROLE_EVENTS.get(topics[0] ?? '');
        const holder = event === undefined ? undefined : topics[event.place];
        if (event === undefined || holder === undefined) continue;
        const whose = `0x${holder.slice(-40).toLowerCase()}`;
        roleCounts.set(whose, (roleCounts.get(whose) ?? 0) + (event.holds ? 1 : -1));
      }
      readUpTo = final;
    }
    return (roleCounts.get(account) ?? 0) > 0;
  }

  return {
    async admit(hash, waiting) {
      const found = TransactionSchema.safeParse(await rpc.request('eth_getTransactionByHash', [hash]));
      if (!found.success) return false;
      const { from, gas } = found.data;
      if (await holdsRole(from.toLowerCase())) return true;
      strangers = strangers.filter((each) => waiting.has(each));
      if (gas > STRANGER_GAS || strangers.length >= MOST_STRANGERS_WAITING || !allowed(1)) return false;
      strangers = [...strangers, hash];
      return true;
    },
  };
}
