import { randomBytes } from 'node:crypto';
import { privateKeyToAddress } from 'viem/accounts';
import { hashing } from '../../../adapters/keys/hashing.ts';
import { toHex } from '../../../adapters/keys/hex.ts';
import { newKemKey } from '../../../adapters/keys/kem-key.ts';
import { sharePlanOf, sharesOfAnswer } from '../../../core/attestation/answer-shares.ts';
import { answerHashOf, answerTo } from '../../../core/attestation/challenge.ts';
import type { Hex, LedgerEvent } from '../../../protocol/ledger.ts';
import { shareRequest } from '../share-request.ts';
import { TrustView } from '../trust-view.ts';
import { account, attestedEvents, evidenceOf, FakeChain, hex32, registeredEvent } from './fake-ledger.ts';

const START_S = 1_000_000;
export const PIPELINE = '31337:0x01:0x02';
export const SITES = ['core', 'east', 'north', 'west'] as const;
export const ROUND = 9;

/** A guard that can sign for its account. */
export async function newGuard() {
  const privateKey = toHex(randomBytes(32));
  const address = privateKeyToAddress(privateKey);
  const guard = toHex(Buffer.from(address.slice(2), 'hex'));
  const kem = await newKemKey();
  return {
    account: guard,
    kem,
    request: (round = ROUND, pipeline = PIPELINE): ReturnType<typeof shareRequest> =>
      shareRequest(pipeline, round, { account: guard, privateKey, kemKey: kem.publicKey }),
  };
}
export type TestGuard = Awaited<ReturnType<typeof newGuard>>;

/** A round of an agent at `core` that an agent behind the guard `elected` has to judge, told block by block. */
export function roundOf(elected: Hex) {
  const chain = new FakeChain();
  const clock = { monotonicMs: () => 0, wallSeconds: () => START_S };
  const trust = new TrustView(clock);
  const [agent, verifier] = [hex32(21), hex32(22)];
  const [reference, nonce] = [toHex(randomBytes(32)), toHex(randomBytes(32))];
  const answer = answerTo(nonce, reference, hashing);
  const plan = sharePlanOf(SITES, 'core');
  const evidence = evidenceOf({ incarnation: 1, kemKey: hex32(31), frameKey: hex32(32) });
  const tell = (...events: readonly LedgerEvent[]) => trust.apply(chain.block(START_S, ...events));
  const life = { round: 1, openedAt: START_S, validUntil: START_S + 60, incarnation: 1 };
  const keys = { kemKey: hex32(33), frameKey: hex32(34) };
  tell(
    ...attestedEvents({ ...life, ...keys, key: verifier, name: 'v1', guard: elected }),
    { kind: 'GuardEnrolled', guard: account(5), site: hex32(5), siteName: 'core' },
    { kind: 'AgentAdmitted', agent, name: 'a1', guard: account(5) },
    registeredEvent(agent, 1, hex32(6), 32),
  );
  return {
    trust,
    agent,
    nonce,
    answer,
    plan,
    /** Of every holder, in order; the last is the registry's. */
    shares: sharesOfAnswer(reference, nonce, plan, hashing),
    enrolled: (guard: Hex) => tell({ kind: 'GuardEnrolled', guard, site: hex32(7), siteName: 'north' }),
    opened: () =>
      tell({
        kind: 'RoundOpened',
        round: ROUND,
        agent,
        incarnation: 1,
        index: 0,
        nonce,
        answerHash: answerHashOf(answer, hashing),
        verifiers: [verifier],
        openedAt: START_S,
        commitBy: START_S + 10,
      }),
    committed: () =>
      tell({
        kind: 'Committed',
        round: ROUND,
        agent,
        evidence,
        binding: hex32(8),
        verdictBy: START_S + 20,
      }),
    over: () =>
      tell({
        kind: 'RoundPassed',
        round: ROUND,
        agent,
        incarnation: 1,
        verifier,
        validUntil: START_S + 60,
        rootOfTrust: agent,
      }),
  };
}
