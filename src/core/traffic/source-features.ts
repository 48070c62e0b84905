import type { SourceCounters } from '../../protocol/plane.ts';

interface Snapshot {
  readonly atMs: number;
  readonly bytes: number;
  readonly syns: number;
  readonly synAcks: number;
  readonly confirmed: number;
}

interface Track {
  readonly halfOpen: number;
  readonly readings: readonly Snapshot[];
}

/** What was read of each source over the last window. Plain data, bounded. */
export interface SourceHistory {
  readonly bySource: Readonly<Record<string, Track>>;
}

export const emptySources: SourceHistory = { bySource: {} };

export interface SourceFeatures {
  readonly synPerSec: number;
  /** Handshakes that the server confirmed, per SYN-ACK that it sent; 0 when it sent none. */
  readonly confirmedShare: number;
  /** SYN-ACKs without an answer in the window, or the level that the server reports, whichever is larger. */
  readonly halfOpen: number;
  readonly bytesPerConnection: number;
}

export interface SourceSample {
  readonly source: string;
  readonly features: SourceFeatures;
  readonly evidenceMs: number;
  readonly syns: number;
  readonly synAcks: number;
  readonly confirmed: number;
}

const WINDOW_MS = 1500;
const MAX_SOURCES = 2048;

/** Takes a reading in. Of too many sources those with the most SYNs are kept: the others could do less harm. */
export function observeSources(
  history: SourceHistory,
  entries: readonly SourceCounters[],
  nowMs: number,
): SourceHistory {
  const most =
    entries.length <= MAX_SOURCES
      ? entries
      : [...entries].sort((a, b) => b.syns - a.syns).slice(0, MAX_SOURCES);
  const bySource: Record<string, Track> = {};
  for (const { source, bytes, syns, synAcks, confirmed, halfOpen } of most) {
    const before = history.bySource[source]?.readings ?? [];
    const kept = before.filter((each) => each.atMs > nowMs - WINDOW_MS && each.atMs < nowMs);
    bySource[source] = { halfOpen, readings: [...kept, { atMs: nowMs, bytes, syns, synAcks, confirmed }] };
  }
  return { bySource };
}

/** The features of every source that sent a SYN in the window, in order of address. */
export function featuresOf(history: SourceHistory): readonly SourceSample[] {
  const samples: SourceSample[] = [];
  for (const source of Object.keys(history.bySource).sort()) {
    const track = history.bySource[source];
    const first = track?.readings[0];
    const last = track?.readings.at(-1);
    if (track === undefined || first === undefined || last === undefined || first === last) continue;
    const syns = last.syns - first.syns;
    if (syns <= 0) continue;
    const evidenceMs = last.atMs - first.atMs;
    const synAcks = last.synAcks - first.synAcks;
    const confirmed = last.confirmed - first.confirmed;
    samples.push({
      source,
      evidenceMs,
      syns,
      synAcks,
      confirmed,
      features: {
        synPerSec: (syns * 1000) / evidenceMs,
        confirmedShare: synAcks <= 0 ? 0 : Math.min(1, Math.max(0, confirmed / synAcks)),
        halfOpen: Math.max(0, synAcks - confirmed, track.halfOpen),
        bytesPerConnection: (last.bytes - first.bytes) / syns,
      },
    });
  }
  return samples;
}
