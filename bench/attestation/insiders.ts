import { randomBytes } from 'node:crypto';
import { agentKeyOf, hashing } from '../../src/adapters/keys/hashing.ts';
import { toHex } from '../../src/adapters/keys/hex.ts';
import { newKemKey } from '../../src/adapters/keys/kem-key.ts';
import type { SigningKey } from '../../src/adapters/keys/signing-key.ts';
import { newSigningKey } from '../../src/adapters/keys/signing-key.ts';
import { bindingOf, inRosterOrder, rosterHashOf } from '../../src/core/attestation/binding.ts';
import { challengeBatch } from '../../src/core/attestation/challenge.ts';
import type { Ledger } from '../../src/ports/ledger.ts';
import type { AgentId } from '../../src/protocol/ids.ts';
import type { AgentKey, Evidence, Hex } from '../../src/protocol/ledger.ts';
import { ZERO } from '../../src/protocol/ledger.ts';
import { sha256 } from '../../src/runtime/guard/expected.ts';
import type { TrustView } from '../../src/runtime/trust/trust-view.ts';
import type { BenchLedger } from './bench-ledger.ts';
import { mustCall } from './bench-ledger.ts';

/** An agent that the benchmark plays itself, with keys that the ledger has attested: nobody kills its process when it is revoked. */
export interface Insider {
  readonly name: AgentId;
  readonly key: AgentKey;
  readonly signingKey: SigningKey;
  readonly kemKey: Hex;
}

/** Attests them all on a real ledger, the way the registry and an honest guard do, and opens the first epoch for them. */
export async function attestInsiders(
  { operator, registry }: BenchLedger,
  guard: Ledger,
  names: readonly AgentId[],
  trust: TrustView,
): Promise<readonly Insider[]> {
  const insiders: Insider[] = [];
  for (const name of names) {
    const { publicKey: kemKey } = await newKemKey();
    insiders.push({ name, key: agentKeyOf(name), signingKey: newSigningKey(), kemKey });
  }
  await mustCall(
    operator,
    { kind: 'enrolGuard', guard: guard.account, site: `0x${sha256('bench')}`, siteName: 'bench' },
    ...names.map((name) => ({ kind: 'admitAgent', name, guard: guard.account }) as const),
  );
  const challenged = insiders.map((insider) => {
    const nonce = toHex(randomBytes(32));
    const batch = challengeBatch(toHex(randomBytes(32)), 0, [nonce, toHex(randomBytes(32))], hashing);
    const [challenge] = batch.challenges;
    if (challenge === undefined) throw new Error('a batch of two challenges');
    return { insider, root: batch.root, challenge };
  });
  await mustCall(
    registry,
    ...challenged.flatMap(({ insider: { key }, root, challenge }) => {
      const { index, nonce, answerHash, proof } = challenge;
      const incarnation = 1;
      return [
        {
          kind: 'registerIncarnation',
          agent: key,
          incarnation,
          version: 1,
          imageDigest: nonce,
          referenceCommitment: nonce,
          challengesRoot: root,
          challenges: 2,
        },
        { kind: 'openRound', agent: key, index, nonce, answerHash, proof },
      ] as const;
    }),
  );
  const { chainId, attestation: contract } = registry.pipeline;
  const rounds = challenged.map(({ insider, challenge }, at) => ({ insider, challenge, round: at + 1 }));
  await mustCall(
    guard,
    ...rounds.map(({ insider, challenge, round }) => {
      const evidence = evidenceOf(insider);
      const place = { chainId, contract, round, agent: insider.key };
      const binding = bindingOf(place, evidence, challenge.answer, hashing);
      return { kind: 'commit', round, evidence, binding, reveal: ZERO, nextDraw: ZERO } as const;
    }),
  );
  await mustCall(
    registry,
    ...rounds.map(
      ({ challenge: { answer }, round }) =>
        ({ kind: 'verdict', round, verifier: ZERO, answer, pass: true, appraisalHash: ZERO }) as const,
    ),
  );
  // Its own call may be final a moment before the view has followed.
  while (insiders.some((each) => trust.attested(each.key) === undefined)) await moment();
  await openEpoch(guard, insiders, trust);
  return insiders;
}

function evidenceOf({ kemKey, signingKey }: Insider): Evidence {
  return {
    bootId: ZERO,
    pid: 1,
    startTime: 1,
    incarnation: 1,
    decisionHead: ZERO,
    kemKey,
    frameKey: signingKey.publicKey,
    quoteHash: ZERO,
  };
}

/** The key itself does not come over the ledger here: the benchmark plays all members. */
async function openEpoch(guard: Ledger, insiders: readonly Insider[], trust: TrustView): Promise<void> {
  const members = inRosterOrder(
    insiders.map(({ key, kemKey, signingKey }) => ({
      key,
      incarnation: 1,
      kemKey,
      frameKey: signingKey.publicKey,
    })),
  );
  const agents = members.map((each) => each.key);
  await mustCall(guard, {
    kind: 'openEpoch',
    epoch: 1,
    setVersion: trust.state.setVersion,
    rosterHash: rosterHashOf(members, hashing),
    agents,
    envelopes: members.map(() => toHex(randomBytes(80))),
  });
  await mustCall(guard, { kind: 'acknowledge', epoch: 1, agents });
  while (trust.epoch === undefined) await moment();
}

const moment = () =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, 20);
  });
