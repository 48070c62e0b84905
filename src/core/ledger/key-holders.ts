import type { AgentKey, LedgerBlock } from '../../protocol/ledger.ts';
import { applyBlock, EMPTY_LEDGER } from '../attestation/ledger-state.ts';
import { time } from './chain-time.ts';
import { createNames } from './names.ts';

/** Which epoch of the group key an agent holds, as the ledger has it. Field names are a contract. */
export interface KeyHolder {
  readonly agent: string;
  /** The last one that it has said to hold; 0: none yet. */
  readonly epoch: number;
  /** When that stood in the ledger; empty: never. */
  readonly since: string;
  /**
   * `current`: of the newest epoch; `sealed`: the newest is sealed to it, and it has not said yet that it holds it; `left-out`: it is no
   * member of the newest, and what it holds opens nothing that is sent from then on; `none`.
   */
  readonly key: 'current' | 'sealed' | 'left-out' | 'none';
  /** Of its attestation. */
  readonly status: string;
  readonly incarnation: number;
}

/** One generation of the group key. */
export interface KeyEpoch {
  readonly epoch: number;
  readonly opened: string;
  readonly steward: string;
  readonly members: readonly string[];
  readonly acknowledged: readonly string[];
  /** Members of the one before that are none of this. */
  readonly left: readonly string[];
}

export interface KeyHoldings {
  readonly holders: readonly KeyHolder[];
  /** In order. */
  readonly epochs: readonly KeyEpoch[];
}

/** Who holds which epoch, and since when, from all blocks of a pipeline. */
export function keyHolders(blocks: readonly LedgerBlock[]): KeyHoldings {
  const names = createNames();
  const held = new Map<AgentKey, { readonly epoch: number; readonly since: number }>();
  const epochs: {
    epoch: number;
    opened: number;
    steward: AgentKey;
    members: AgentKey[];
    acknowledged: AgentKey[];
  }[] = [];
  let state = EMPTY_LEDGER;
  for (const block of blocks) {
    state = applyBlock(state, block);
    for (const { event } of block.entries) {
      names.learn(event);
      if (event.kind === 'EpochOpened')
        epochs.push({
          epoch: event.epoch,
          opened: block.timestamp,
          steward: event.steward,
          members: [],
          acknowledged: [],
        });
      // What an incarnation held ends with it: its successor has keys of its own.
      if (event.kind === 'AgentRegistered') held.delete(event.agent);
      if (event.kind !== 'Envelope' && event.kind !== 'Acknowledged') continue;
      const of = epochs.find((each) => each.epoch === event.epoch);
      if (event.kind === 'Envelope') of?.members.push(event.agent);
      else {
        of?.acknowledged.push(event.agent);
        held.set(event.agent, { epoch: event.epoch, since: block.timestamp });
      }
    }
  }
  const newest = epochs.at(-1);
  const keyOf = (agent: AgentKey): KeyHolder['key'] => {
    const epoch = held.get(agent)?.epoch ?? 0;
    const isMember = newest?.members.includes(agent) === true;
    if (isMember) return epoch === newest.epoch ? 'current' : 'sealed';
    return epoch === 0 ? 'none' : 'left-out';
  };
  const holders = [...state.agents.values()].map(({ agent, name, status, incarnation }): KeyHolder => {
    const own = held.get(agent);
    return {
      agent: name,
      epoch: own?.epoch ?? 0,
      since: own === undefined ? '' : time(own.since),
      key: keyOf(agent),
      status,
      incarnation,
    };
  });
  const called = (keys: readonly AgentKey[]) => keys.map((key) => names.agent(key));
  return {
    holders: holders.sort((a, b) => a.agent.localeCompare(b.agent)),
    epochs: epochs.map(({ epoch, opened, steward, members, acknowledged }, index) => ({
      epoch,
      opened: time(opened),
      steward: names.agent(steward),
      members: called(members),
      acknowledged: called(acknowledged),
      left: called((epochs[index - 1]?.members ?? []).filter((each) => !members.includes(each))),
    })),
  };
}
