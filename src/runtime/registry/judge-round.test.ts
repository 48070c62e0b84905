import { beforeEach, expect, it } from 'vitest';
import type { RoundState } from '../../core/attestation/ledger-model.ts';
import type { LedgerCall } from '../../protocol/ledger.ts';
import { ZERO } from '../../protocol/ledger.ts';
import { account, hex32 } from '../trust/testing/fake-ledger.ts';
import { judgeRound } from './judge-round.ts';

const AGENT = hex32(21);
const ROUND: RoundState = {
  round: 7,
  agent: AGENT,
  incarnation: 1,
  index: 0,
  phase: 'committed',
  nonce: hex32(1),
  answerHash: hex32(2),
  verifiers: [],
  openedAt: 0,
  commitBy: 10,
  verdictBy: 20,
  evidence: {
    bootId: hex32(3),
    pid: 1,
    startTime: 1,
    incarnation: 1,
    decisionHead: hex32(4),
    kemKey: hex32(5),
    frameKey: hex32(6),
    quoteHash: ZERO,
  },
  binding: hex32(7),
  verdicts: [],
  arbitrated: true,
  reason: '',
};

let calls: LedgerCall[];
beforeEach(() => {
  calls = [];
});

/** What the registry does about it, when its appraisal says so. */
async function judge(appraisal: { readonly pass: boolean; readonly isLate: boolean }, isAttested: boolean) {
  const executed = { config: '{}', image: 'agent.image' };
  const refused = await judgeRound(
    ROUND,
    { reference: hex32(8), executed, isAttested },
    {
      ledger: {
        pipeline: { chainId: 1, attestation: account(1) },
        call: (call) => {
          calls.push(call);
          return Promise.resolve({ ok: true, transaction: hex32(9), block: 1 });
        },
      },
      appraiser: { appraise: () => Promise.resolve({ ...appraisal, text: '{}', hash: hex32(10) }) },
    },
  );
  expect(refused).toBeUndefined();
  return calls.map((call) => [call.kind, 'pass' in call ? call.pass : undefined]);
}

it('passes and refuses as it appraises', async () => {
  expect(await judge({ pass: true, isLate: false }, true)).toEqual([['verdict', true]]);
  expect(await judge({ pass: false, isLate: false }, true)).toContainEqual(['verdict', false]);
});

it('suspends an attested agent whose decisions come too late, and refuses one that is so again before it is back', async () => {
  expect(await judge({ pass: false, isLate: true }, true)).toEqual([['suspend', undefined]]);
  expect(calls[0]).toMatchObject({ agent: AGENT, reason: 'what it has decided did not come in time' });
  expect(await judge({ pass: false, isLate: true }, false)).toContainEqual(['verdict', false]);
});
