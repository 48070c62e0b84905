import type { RoundPhase } from '../../../../src/core/attestation/ledger-model.ts';
import type { RingRound } from '../../../../src/core/ledger/attestation-ring.ts';
import { isGivenUp } from '../../../../src/core/ledger/given-up.ts';

const PHASE_WORDS: Readonly<Record<RoundPhase, string>> = {
  challenged: '… challenged, has to answer',
  committed: '… has committed, is being verified',
  passed: '✓ passed',
  failed: '✗ failed',
  expired: '✗ somebody was silent',
};

export function roundInWords({ round, phase, reason }: RingRound): string {
  const words = isGivenUp(reason) ? '○ given up' : PHASE_WORDS[phase];
  return `${round === 0 ? '' : `${round}: `}${words}${reason === '' ? '' : `, ${reason}`}`;
}

/** How it went, for its colour and line. */
export function wentOf({ phase, reason }: RingRound): 'good' | 'bad' | 'open' {
  if (phase === 'passed') return 'good';
  return (phase === 'failed' && !isGivenUp(reason)) || phase === 'expired' ? 'bad' : 'open';
}

/** Never colour alone. */
export const STATUS_SIGNS: Readonly<Record<string, string>> = {
  attested: '✓',
  suspended: '▲',
  revoked: '✗',
};
