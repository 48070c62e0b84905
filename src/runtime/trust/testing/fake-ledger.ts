import type { CallResult, Ledger } from '../../../ports/ledger.ts';
import type { Evidence, Hex, LedgerBlock, LedgerCall, LedgerEvent } from '../../../protocol/ledger.ts';
import { ZERO } from '../../../protocol/ledger.ts';

/** 32 bytes that name a small number. */
export const hex32 = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`;
/** An account, likewise. */
export const account = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`;

/** Makes the blocks of a chain that a test writes by hand. */
export class FakeChain {
  readonly blocks: LedgerBlock[] = [];

  block(timestamp: number, ...events: readonly LedgerEvent[]): LedgerBlock {
    const number = this.blocks.length + 1;
    const block: LedgerBlock = {
      number,
      hash: hex32(number),
      parentHash: hex32(number - 1),
      timestamp,
      entries: events.map((event, logIndex) => ({
        logIndex,
        transaction: hex32(1000 * number + logIndex),
        from: account(1),
        event,
      })),
    };
    this.blocks.push(block);
    return block;
  }
}

export interface AttestedAgent {
  readonly key: Hex;
  readonly name: string;
  readonly guard: Hex;
  readonly incarnation: number;
  readonly round: number;
  readonly openedAt: number;
  readonly validUntil: number;
  readonly kemKey: Hex;
  readonly frameKey: Hex;
}

/** Registered, with its challenges. */
export function registeredEvent(
  key: Hex,
  incarnation: number,
  challengesRoot: Hex,
  challenges: number,
): LedgerEvent {
  return {
    kind: 'AgentRegistered',
    agent: key,
    incarnation,
    version: 1,
    imageDigest: hex32(1),
    referenceCommitment: hex32(2),
    challengesRoot,
    challenges,
  };
}

export function evidenceOf(agent: Pick<AttestedAgent, 'incarnation' | 'kemKey' | 'frameKey'>): Evidence {
  const { incarnation, kemKey, frameKey } = agent;
  return {
    bootId: hex32(3),
    pid: 7,
    startTime: 8,
    incarnation,
    decisionHead: ZERO,
    kemKey,
    frameKey,
    quoteHash: ZERO,
  };
}

/** All that the ledger tells until an agent is attested by the registry, from its guard's enrolment on. */
export function attestedEvents(agent: AttestedAgent): readonly LedgerEvent[] {
  const { key, name, guard, incarnation } = agent;
  return [
    { kind: 'GuardEnrolled', guard, site: hex32(4), siteName: 'a-site' },
    { kind: 'AgentAdmitted', agent: key, name, guard },
    registeredEvent(key, incarnation, hex32(5), 32),
    ...passedEvents(agent),
  ];
}

/** One round that an agent passes. */
export function passedEvents(agent: AttestedAgent): readonly LedgerEvent[] {
  const { key, incarnation, round, openedAt, validUntil } = agent;
  return [
    {
      kind: 'RoundOpened',
      round,
      agent: key,
      incarnation,
      index: 0,
      nonce: hex32(6000 + round),
      answerHash: hex32(7000 + round),
      verifiers: [],
      openedAt,
      commitBy: openedAt + 10,
    },
    {
      kind: 'Committed',
      round,
      agent: key,
      evidence: evidenceOf(agent),
      binding: hex32(8),
      verdictBy: openedAt + 20,
    },
    { kind: 'RoundPassed', round, agent: key, incarnation, verifier: ZERO, validUntil, rootOfTrust: key },
  ];
}

/** A ledger that keeps what it is asked, and answers what the test says. */
export class FakeLedger implements Ledger {
  readonly account = account(9);
  readonly pipeline = {
    chainId: 31_337,
    genesisHash: hex32(1),
    attestation: account(2),
    keys: account(3),
    fromBlock: 1,
  };
  readonly calls: LedgerCall[] = [];
  /** What becomes of the next calls. */
  answer: (call: LedgerCall) => CallResult = () => ({ ok: true, block: 1, transaction: ZERO });

  call(call: LedgerCall): Promise<CallResult> {
    this.calls.push(call);
    return Promise.resolve(this.answer(call));
  }

  follow(): { stop(): void } {
    return { stop: () => {} };
  }

  close(): void {}
}
