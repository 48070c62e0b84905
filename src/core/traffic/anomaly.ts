import type { DestinationCounters } from '../../protocol/plane.ts';

interface Snapshot {
  readonly syns: number;
  readonly synAcks: number;
  readonly confirmed: number;
  readonly halfOpen: number;
  readonly cookies: number;
}

/** Readings of the destinations behind a link over the last window. Plain data, bounded. */
export interface DestinationHistory {
  readonly readings: readonly {
    readonly atMs: number;
    readonly byTarget: Readonly<Record<string, Snapshot>>;
  }[];
}

export const emptyDestinations: DestinationHistory = { readings: [] };

export interface Judgement {
  readonly target: string;
  readonly verdict: 'attack' | 'no-attack' | 'undecided';
  /** In [0, 1]; `attack` from 0.7 on, `no-attack` up to 0.4. */
  readonly score: number;
  /** In [0, 1]: grows with the evidence. */
  readonly confidence: number;
  readonly synPerSec: number;
  /** Handshakes confirmed per SYN-ACK that the server sent; 1 when it sent none. */
  readonly confirmedShare: number;
  readonly unansweredSynAcks: number;
  readonly halfOpen: number;
  readonly cookiesPerSec: number;
  readonly reason: string;
}

const WINDOW_MS = 1200;
const MAX_TARGETS = 64;
const MIN_EVIDENCE_MS = 350;
/** Fewer unconfirmed SYN/s than this are below interest. */
const LOW_SYN_PER_SEC = 40;
const ATTACK_SCORE = 0.7;
const CALM_SCORE = 0.4;

/** Takes a reading in; of too many destinations, those with the most SYNs are kept. */
export function observeDestinations(
  history: DestinationHistory,
  entries: readonly DestinationCounters[],
  nowMs: number,
): DestinationHistory {
  const most =
    entries.length <= MAX_TARGETS
      ? entries
      : [...entries].sort((a, b) => b.syns - a.syns).slice(0, MAX_TARGETS);
  const byTarget: Record<string, Snapshot> = {};
  for (const { target, syns, synAcks, confirmed, halfOpen, cookies } of most) {
    byTarget[target] = { syns, synAcks, confirmed, halfOpen, cookies };
  }
  const kept = history.readings.filter((each) => each.atMs > nowMs - WINDOW_MS && each.atMs < nowMs);
  return { readings: [...kept, { atMs: nowMs, byTarget }] };
}

/**
 * Which destinations are under a SYN flood. Bytes do not count: a busy server may carry more than a flood. What counts is
 * handshakes that are begun and not finished: SYNs that nobody confirms, SYN-ACKs without an answer, half-open connections
 * and cookies. SYNs are counted before limits, SYN-ACKs and confirmations after, so each is compared with its own kind.
 */
export function judgeDestinations(history: DestinationHistory): readonly Judgement[] {
  const last = history.readings.at(-1);
  const first = history.readings[0];
  if (last === undefined || first === undefined) return [];
  return Object.keys(last.byTarget)
    .sort()
    .flatMap((target) => {
      const now = last.byTarget[target];
      if (now === undefined) return [];
      const before = history.readings.find((each) => each.byTarget[target] !== undefined);
      const then = before?.byTarget[target];
      const spanMs = before === undefined ? 0 : last.atMs - before.atMs;
      return [judge(target, then ?? now, now, spanMs)];
    });
}

function judge(target: string, then: Snapshot, now: Snapshot, spanMs: number): Judgement {
  const seconds = Math.max(spanMs, 1) / 1000;
  const syns = Math.max(0, now.syns - then.syns);
  const synAcks = Math.max(0, now.synAcks - then.synAcks);
  const confirmed = Math.max(0, now.confirmed - then.confirmed);
  const cookies = Math.max(0, now.cookies - then.cookies);
  const synPerSec = syns / seconds;
  const cookiesPerSec = cookies / seconds;
  const unanswered = Math.max(0, synAcks - confirmed);
  const confirmedShare = synAcks === 0 ? (syns === 0 ? 1 : 0) : Math.min(1, confirmed / synAcks);
  const unconfirmedPerSec = Math.max(0, syns - confirmed) / seconds;
  // Each piece of evidence in [0, 1]; together they must say so, no single one decides.
  const volume = ramp(unconfirmedPerSec, LOW_SYN_PER_SEC, 6 * LOW_SYN_PER_SEC);
  const unfinished = 1 - ramp(confirmedShare, 0.3, 0.8);
  const dangling = Math.max(
    ramp(unanswered / seconds, 10, 60),
    ramp(now.halfOpen, 10, 60),
    ramp(cookiesPerSec, 5, 50),
  );
  const score = volume * (0.25 + 0.45 * unfinished + 0.3 * dangling);
  const enough = spanMs >= MIN_EVIDENCE_MS;
  const confidence = enough ? Math.min(1, spanMs / WINDOW_MS) * ramp(syns, 0, 30) : 0;
  const verdict = !enough
    ? 'undecided'
    : score >= ATTACK_SCORE
      ? 'attack'
      : score <= CALM_SCORE
        ? 'no-attack'
        : 'undecided';
  const reason = `${target}: ${Math.round(synPerSec)} SYN/s, ${confirmed} of ${synAcks} answered handshakes confirmed, ${now.halfOpen} half-open, ${Math.round(cookiesPerSec)} cookies/s: score ${score.toFixed(2)} (${verdict === 'attack' ? `at least ${ATTACK_SCORE}` : verdict === 'no-attack' ? `at most ${CALM_SCORE}` : 'not clear yet'})`;
  return {
    target,
    verdict,
    score,
    confidence,
    synPerSec,
    confirmedShare,
    unansweredSynAcks: unanswered,
    halfOpen: now.halfOpen,
    cookiesPerSec,
    reason,
  };
}

/** 0 up to `from`, 1 from `to` on, straight in between. */
function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}
