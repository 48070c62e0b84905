import { expect, test } from 'vitest';
import type { Hex, LedgerEvent } from '../../protocol/ledger.ts';
import { ABSTAINS, ZERO } from '../../protocol/ledger.ts';
import { createNames } from './names.ts';
import { sentence } from './sentences.ts';

const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const GUARD: Hex = `0x${'ab'.repeat(20)}`;
const [A, B] = [word('a1'), word('b2')];

const told: readonly [LedgerEvent, string][] = [
  [
    { kind: 'GuardEnrolled', guard: GUARD, site: word('01'), siteName: 'north' },
    'Site north was enrolled; its guard is 0xabababab….',
  ],
  [
    { kind: 'AgentAdmitted', agent: A, name: 'a1', guard: GUARD },
    'a1 was admitted to the pipeline, behind the guard of north.',
  ],
  [
    { kind: 'AgentAdmitted', agent: B, name: 'b2', guard: word('09') },
    'b2 was admitted to the pipeline, behind 0x09090909….',
  ],
  [{ kind: 'PlanSet', order: [A, B] }, 'The attestation plan is now: a1 and b2.'],
  [
    {
      kind: 'RoundOpened',
      round: 3,
      agent: A,
      incarnation: 1,
      index: 0,
      nonce: ZERO,
      answerHash: ZERO,
      verifiers: [],
      openedAt: 1,
      commitBy: 2,
    },
    'Round 3: a1 was challenged (challenge 0); the registry verifies.',
  ],
  [
    {
      kind: 'VerdictGiven',
      round: 3,
      agent: A,
      verifier: B,
      answer: ZERO,
      matches: true,
      pass: false,
      appraisalHash: word('77'),
    },
    'Round 3: b2 refused a1.',
  ],
  [
    {
      kind: 'VerdictGiven',
      round: 3,
      agent: A,
      verifier: B,
      answer: ZERO,
      matches: true,
      pass: false,
      appraisalHash: ABSTAINS,
    },
    'Round 3: b2 abstained from a verdict on a1.',
  ],
  [
    {
      kind: 'RoundPassed',
      round: 3,
      agent: A,
      incarnation: 1,
      verifier: ZERO,
      validUntil: 1_800_000_000,
      rootOfTrust: A,
    },
    'Round 3: a1 is attested until 2027-01-15T08:00:00Z, by the registry.',
  ],
  [
    { kind: 'RoundExpired', round: 3, agent: A, silent: A },
    'Round 3 of a1: it was silent past its deadline.',
  ],
  [
    { kind: 'VerifierReplaced', round: 3, silent: B, successor: A, verdictBy: 9 },
    'Round 3 of a1: a1 verifies in place of b2.',
  ],
  [
    { kind: 'Revoked', agent: word('cc'), incarnation: 2, reason: 'wrong' },
    '0xcccccccc… (incarnation 2) was revoked for good: wrong.',
  ],
  [
    { kind: 'Anchored', batch: word('01'), root: word('02'), count: 1 },
    '1 record of kind 0x01010101… anchored under 0x02020202….',
  ],
];

test('events read as sentences, with the names that were told before', () => {
  const names = createNames();
  for (const [event, expected] of told) {
    names.learn(event);
    expect(sentence(event, names)).toBe(expected);
  }
});
