import type { NetworkCounters } from '../../../../src/protocol/network-counters.ts';
import type { RunDetail } from '../../../../src/protocol/run-view.ts';

/** What went over a link, per second. */
export interface LinkRate {
  readonly bytesPerSec: number;
  /** Packets that it dropped; undefined: they are not counted. */
  readonly droppedPerSec: number | undefined;
  /** Bytes of attackers that it did not let through; undefined: who knows who attacks? */
  readonly keptOff: number | undefined;
}

export interface UnitRate {
  readonly receivedPerSec: number;
  readonly sentPerSec: number;
}

export interface Rates {
  readonly links: ReadonlyMap<string, LinkRate>;
  readonly units: ReadonlyMap<string, UnitRate>;
}

export const NO_RATES: Rates = { links: new Map(), units: new Map() };

/** Rates between two readings of counters; of what was started anew in between there is none. */
export function ratesBetween(before: NetworkCounters, now: NetworkCounters): Rates {
  const forS = (now.tMs - before.tMs) / 1000;
  if (forS <= 0) return NO_RATES;
  const links = new Map<string, LinkRate>();
  const formerLinks = new Map(before.links.map((each) => [each.link, each]));
  for (const each of now.links) {
    const former = formerLinks.get(each.link);
    if (former === undefined || each.deliveredBytes < former.deliveredBytes) continue;
    links.set(each.link, {
      bytesPerSec: (each.deliveredBytes - former.deliveredBytes) / forS,
      droppedPerSec: (each.droppedPackets - former.droppedPackets) / forS,
      keptOff: undefined,
    });
  }
  const units = new Map<string, UnitRate>();
  const formerUnits = new Map(before.units.map((each) => [each.id, each]));
  for (const each of now.units) {
    const former = formerUnits.get(each.id);
    if (former === undefined || each.receivedBytes < former.receivedBytes) continue;
    units.set(each.id, {
      receivedPerSec: (each.receivedBytes - former.receivedBytes) / forS,
      sentPerSec: (each.sentBytes - former.sentBytes) / forS,
    });
  }
  return { links, units };
}

/** The last reading of each guarded link of a run by then. */
export function ratesOfRun({ traffic }: RunDetail, untilMs: number): Rates {
  const links = new Map<string, LinkRate>();
  for (const { tMs, link, total, attackOffered, attackDelivered } of traffic) {
    if (tMs > untilMs) continue;
    const keptOff = Math.max(0, attackOffered - attackDelivered);
    links.set(link, { bytesPerSec: total, droppedPerSec: undefined, keptOff });
  }
  return { links, units: new Map() };
}
