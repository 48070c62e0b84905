import type { RequestRecord } from '../../ports/testbed.ts';
import type { Report } from '../../protocol/report.ts';
import type { RunId } from '../../protocol/run-view.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { Outcome, WhatIfResult } from '../../protocol/what-if.ts';
import { goodputIn, goodputSeries } from '../report/goodput.ts';
import { CHANGE_AT_MS, type SitesFork } from './fork.ts';
import type { SitesRun, WholeSince } from './run-sites.ts';

const PERIOD_MS = 1000;
const LONGEST_WORDS = 2000;

/** What the two runs are called, and what was found of the attack. */
export interface Compared {
  readonly runs: { readonly unchanged: RunId; readonly changed: RunId };
  readonly report: Report;
}

/** Two runs of the same fork side by side. */
export function compareSites(
  fork: SitesFork,
  unchanged: SitesRun,
  changed: SitesRun,
  { runs, report }: Compared,
): WhatIfResult {
  const { durationMs } = changed.recording;
  const names = new Map([...changed.after, ...changed.before].map(({ id, name }) => [id, name]));
  const hosts = (services: readonly ServiceInstance[]) => bookedAt(services, 'hosts');
  const links = (services: readonly ServiceInstance[]) => bookedAt(services, 'links');
  const [hostsBefore, hostsSame, hostsOther] = [changed.before, unchanged.after, changed.after].map(hosts);
  const [linksBefore, linksSame, linksOther] = [changed.before, unchanged.after, changed.after].map(links);
  const usual = new Set(unchanged.operations.map(({ service, params }) => `${service} ${params.kind}`));
  return {
    changeAtMs: CHANGE_AT_MS,
    durationMs,
    runs,
    taken: fork.taken,
    assumed: [...fork.assumed, ...troubles(changed)],
    services: [...names].map(([id, name]) => ({
      name,
      before: places(changed.before.find((each) => each.id === id)),
      unchanged: outcomeOf(unchanged, id, durationMs),
      changed: outcomeOf(changed, id, durationMs),
      moved: movedBetween(
        unchanged.after.find((each) => each.id === id),
        changed.after.find((each) => each.id === id),
      ),
    })),
    hosts: fork.substrate.hosts.map(({ name, site, vcpus }) => ({
      name,
      site,
      total: vcpus,
      before: hostsBefore?.get(name) ?? 0,
      unchanged: hostsSame?.get(name) ?? 0,
      changed: hostsOther?.get(name) ?? 0,
    })),
    links: fork.substrate.links.map(({ id, ends, bytesPerSec }) => ({
      id,
      ends,
      total: bytesPerSec,
      before: linksBefore?.get(id) ?? 0,
      unchanged: linksSame?.get(id) ?? 0,
      changed: linksOther?.get(id) ?? 0,
    })),
    series: seriesOf(unchanged.recording.requests, changed.recording.requests, durationMs),
    attack: attackOf(report),
    operations: changed.operations
      .filter(({ service, params }) => !usual.has(`${service} ${params.kind}`))
      .slice(0, 200)
      .map(({ serviceName, params, state, reason }) => ({
        service: serviceName,
        change: params.kind,
        state,
        reason: reason.slice(0, LONGEST_WORDS),
      })),
  };
}

/** Goodput of all people in both runs. */
export function seriesOf(
  unchanged: readonly RequestRecord[],
  changed: readonly RequestRecord[],
  durationMs: number,
): WhatIfResult['series'] {
  const ends = Array.from({ length: Math.floor(durationMs / PERIOD_MS) + 1 }, (_, n) => n * PERIOD_MS);
  const [same, other] = [goodputSeries(unchanged, ends), goodputSeries(changed, ends)];
  return ends.slice(1).map((tMs, n) => ({
    tMs,
    unchanged: Math.round(same[n] ?? 0),
    changed: Math.round(other[n] ?? 0),
  }));
}

/** What came of people's requests from the change on. */
export function served(
  requests: readonly RequestRecord[],
  durationMs: number,
): Pick<Outcome, 'goodput' | 'requestsInTime' | 'requestsLate' | 'answerMs'> {
  const since = requests.filter(({ endMs }) => endMs >= CHANGE_AT_MS);
  const done = since.filter(({ inTime }) => inTime);
  const took = done.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  return {
    goodput: Math.round(goodputIn(requests, { startMs: CHANGE_AT_MS, endMs: durationMs })),
    requestsInTime: done.length,
    requestsLate: since.length - done.length,
    answerMs: done.length === 0 ? null : took / done.length,
  };
}

export function attackOf({ attack, mitigation }: Report): WhatIfResult['attack'] {
  if (attack.startMs === null) return null;
  const { detectedMs, firstLinkLimitMs, firstTargetLimitMs, allSourcesBlockedMs } = mitigation;
  const limits = [firstLinkLimitMs, firstTargetLimitMs].filter((each) => each !== null);
  return {
    startMs: attack.startMs,
    sources: attack.sources,
    detectedMs,
    firstLimitMs: limits.length === 0 ? null : Math.min(...limits),
    allSourcesBlockedMs,
    blockedSources: mitigation.blockedSources,
    blockedWrongly: mitigation.falsePositives,
  };
}

function outcomeOf(run: SitesRun, id: string, durationMs: number): Outcome {
  const service = run.after.find((each) => each.id === id);
  const since = run.whole.get(id) ?? [];
  return {
    units: places(service),
    served: service === undefined || service.shape.units.length === 0 ? null : run.wholeAtEnd.has(id),
    ...brokenFor(since, durationMs),
    ...served(run.requests.get(id) ?? [], durationMs),
  };
}

/** For how long it was not whole from the change on, and when it was again for good. */
export function brokenFor(
  since: readonly WholeSince[],
  durationMs: number,
): Pick<Outcome, 'brokenMs' | 'wholeAfterMs'> {
  let brokenMs = 0;
  since.forEach(({ tMs, whole }, at) => {
    const untilMs = since[at + 1]?.tMs ?? durationMs;
    if (!whole) brokenMs += Math.max(0, untilMs - Math.max(tMs, CHANGE_AT_MS));
  });
  const last = since.at(-1);
  const isBack = brokenMs > 0 && last?.whole === true;
  return { brokenMs, wholeAfterMs: isBack ? last.tMs - CHANGE_AT_MS : null };
}

function places(service: ServiceInstance | undefined): Outcome['units'] {
  return (service?.shape.units ?? []).map(({ unit, host, site, state }) => ({
    unit: unit.id,
    host,
    site,
    state,
  }));
}

/** A unit that is replaced has another name: those of a function are compared by where they are. */
function movedBetween(
  one: ServiceInstance | undefined,
  other: ServiceInstance | undefined,
): WhatIfResult['services'][number]['moved'] {
  const at = (service: ServiceInstance | undefined, of: string) =>
    (service?.shape.units ?? []).flatMap(({ vnf, vdu, host }) => (`${vnf}/${vdu}` === of ? [host] : []));
  const functions = new Set(
    [one, other].flatMap((each) => each?.shape.units ?? []).map(({ vnf, vdu }) => `${vnf}/${vdu}`),
  );
  return [...functions].flatMap((of) => {
    const [from, to] = [at(one, of), at(other, of)];
    for (const host of [...from]) {
      const same = to.indexOf(host);
      if (same < 0) continue;
      to.splice(same, 1);
      from.splice(from.indexOf(host), 1);
    }
    return Array.from({ length: Math.max(from.length, to.length) }, (_, n) => ({
      of,
      from: from[n] ?? null,
      to: to[n] ?? null,
    }));
  });
}

function bookedAt(
  services: readonly ServiceInstance[],
  what: 'hosts' | 'links',
): ReadonlyMap<string, number> {
  const booked = new Map<string, number>();
  const add = (name: string | null, amount: number) => {
    if (name !== null) booked.set(name, (booked.get(name) ?? 0) + amount);
  };
  for (const { shape } of services) {
    if (what === 'hosts') for (const { host, unit } of shape.units) add(host, unit.demand.vcpus);
    else for (const { link, path } of shape.links) for (const id of path) add(id, link.bytesPerSec);
  }
  return booked;
}

function troubles({ trouble }: SitesRun): readonly string[] {
  return [...new Set(trouble)].slice(0, 10).map((each) => `in the fork: ${each}`.slice(0, LONGEST_WORDS));
}
