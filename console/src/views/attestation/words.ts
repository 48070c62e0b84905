import type { RoundPhase } from '../../../../src/core/attestation/ledger-model.ts';

export const PHASE_WORDS: Readonly<Record<RoundPhase, string>> = {
  challenged: '… challenged, has to answer',
  committed: '… has committed, is being verified',
  passed: '✓ passed',
  failed: '✗ failed',
  expired: '✗ somebody was silent',
};

/** Never colour alone. */
export const STATUS_SIGNS: Readonly<Record<string, string>> = {
  attested: '✓',
  suspended: '▲',
  revoked: '✗',
};
