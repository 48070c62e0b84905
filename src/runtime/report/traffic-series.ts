import type { RequestRecord } from '../../ports/testbed.ts';
import type { Report } from '../../protocol/report.ts';
import { goodputSeries } from './goodput.ts';
import type { Recording, TruthSample } from './recording.ts';
import { hostsBehind } from './servers-behind.ts';

/** Period of the samples when there are too few to tell. */
const DEFAULT_PERIOD_MS = 250;

function byLink(samples: readonly TruthSample[]): ReadonlyMap<string, readonly TruthSample[]> {
  const links = new Map<string, TruthSample[]>();
  for (const sample of samples) {
    const held = links.get(sample.link);
    if (held === undefined) links.set(sample.link, [sample]);
    else held.push(sample);
  }
  for (const held of links.values()) held.sort((a, b) => a.tMs - b.tMs);
  return links;
}

function medianStep(links: ReadonlyMap<string, readonly TruthSample[]>): number {
  const steps: number[] = [];
  for (const samples of links.values()) {
    samples.forEach((sample, at) => {
      const before = samples[at - 1];
      if (before !== undefined && sample.tMs > before.tMs) steps.push(sample.tMs - before.tMs);
    });
  }
  steps.sort((a, b) => a - b);
  return Math.round(steps[steps.length >> 1] ?? DEFAULT_PERIOD_MS);
}

/** Requests to the servers behind a link, whether the record names the host or the function on it. */
function requestsBehind(recording: Recording, link: string): readonly RequestRecord[] {
  const { addresses, requests, scenario } = recording;
  const hosts = hostsBehind(scenario.topology, link);
  const reached = new Set<string>();
  for (const host of hosts) {
    const address = addresses[host];
    if (address !== undefined) reached.add(address);
  }
  return requests.filter(({ target }) => hosts.has(target) || reached.has(addresses[target] ?? ''));
}

/** A counter that went back (a data plane built again) says nothing about the period: 0. */
function perSecond(now: number, before: number, stepMs: number): number {
  return Math.round((Math.max(0, now - before) * 1000) / stepMs);
}

/**
 * Rates over each link between neighbouring samples, in bytes per second; `tMs` is the end of the period that a point
 * describes. Goodput counts the requests to servers behind the link.
 */
export function trafficSeries(recording: Recording): Report['traffic'] {
  const links = byLink(recording.truthSamples);
  const series: Report['traffic']['series'] = [];
  for (const [link, all] of links) {
    // Two samples at one moment would divide by nothing: the later one counts.
    const samples = all.filter((sample, at) => sample.tMs < (all[at + 1]?.tMs ?? Number.POSITIVE_INFINITY));
    const goodput = goodputSeries(
      requestsBehind(recording, link),
      samples.map((sample) => sample.tMs),
    );
    samples.forEach(({ tMs, counters }, at) => {
      const before = samples[at - 1];
      if (before === undefined || tMs <= 0) return;
      const stepMs = tMs - before.tMs;
      series.push({
        tMs: Math.round(tMs),
        link,
        total: perSecond(counters.totalBytes, before.counters.totalBytes, stepMs),
        legitimate: perSecond(counters.legitimateBytes, before.counters.legitimateBytes, stepMs),
        attackOffered: perSecond(counters.attackOfferedBytes, before.counters.attackOfferedBytes, stepMs),
        attackDelivered: perSecond(
          counters.attackDeliveredBytes,
          before.counters.attackDeliveredBytes,
          stepMs,
        ),
        goodput: Math.round(goodput[at - 1] ?? 0),
      });
    });
  }
  return { periodMs: medianStep(links), series };
}
