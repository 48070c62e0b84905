import type { NetworkLink } from '../../data/network/network.ts';
import type { LinkRate } from '../../data/network/rates.ts';
import { figure, rate } from '../../parts/figures.ts';

/** What goes over a link, or what is booked of it where nobody counts that. */
export function linkInWords({ booked, capacity, counted }: NetworkLink, now: LinkRate | undefined): string {
  const of = capacity === undefined ? '' : ` of ${rate(capacity)}`;
  if (now !== undefined) return `${rate(now.bytesPerSec)}${of}${lossInWords(now, ', ')}`;
  if (booked !== undefined) return booked === 0 ? `nothing booked${of}` : `booked ${rate(booked)}${of}`;
  return counted ? `not read${of}` : 'not measured';
}

/** Empty: nothing was lost, or nobody knows. */
export function lossInWords({ droppedPerSec, keptOff }: LinkRate, before = ''): string {
  if (droppedPerSec !== undefined && droppedPerSec > 0)
    return `${before}▼ ${figure(Math.round(droppedPerSec))} packets/s dropped`;
  if (keptOff !== undefined && keptOff >= 1) return `${before}▼ ${rate(keptOff)} of the attack kept off`;
  return '';
}

/** How full it is, 0 to 1; undefined: that cannot be said. */
export function fill({ booked, capacity }: NetworkLink, now: LinkRate | undefined): number | undefined {
  const used = now?.bytesPerSec ?? booked;
  return used === undefined || capacity === undefined || capacity === 0
    ? undefined
    : Math.min(1, used / capacity);
}
