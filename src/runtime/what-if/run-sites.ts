import { changeInWords } from '../../core/explain/what-if-in-words.ts';
import type { Operation } from '../../protocol/operation-record.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { WhatIfOrder } from '../../protocol/what-if.ts';
import type { CycleInput } from '../agent-host.ts';
import { JournalWriter } from '../journal-writer.ts';
import type { Recording, TruthSample } from '../report/recording.ts';
import { changeSites } from './change-sites.ts';
import { CHANGE_AT_MS, type SitesFork } from './fork.ts';
import { ForkedSites, scenarioOfFork } from './forked-sites.ts';

const SAMPLE_MS = 250;
const SLICE_MS = 1000;

/** From when on a service was whole, or was not: the first at the moment of the fork. */
export interface WholeSince {
  readonly tMs: number;
  readonly whole: boolean;
}

/** One of the two runs. */
export interface SitesRun {
  readonly recording: Recording;
  readonly inputs: readonly CycleInput[];
  /** As it was taken. */
  readonly before: readonly ServiceInstance[];
  readonly after: readonly ServiceInstance[];
  /** By service. */
  readonly whole: ReadonlyMap<string, readonly WholeSince[]>;
  readonly wholeAtEnd: ReadonlySet<string>;
  /** By service: what came of its people's requests. */
  readonly requests: ReadonlyMap<string, Recording['requests']>;
  /** That Muster began from the moment of the fork on. */
  readonly operations: readonly Operation[];
  readonly trouble: readonly string[];
}

export interface SitesRunOptions {
  readonly fork: SitesFork;
  readonly order: WhatIfOrder;
  /** Whether the change comes about. */
  readonly changed: boolean;
  onProgress(doneMs: number): void;
}

/** Runs a fork ahead of time, with the change or without. */
export async function runSites({ fork, order, changed, onProgress }: SitesRunOptions): Promise<SitesRun> {
  const { change, seed } = order;
  const durationMs = order.seconds * 1000;
  const words = changeInWords(change);
  const title = changed ? `What if ${words}` : `What if nothing were changed, beside: ${words}`;
  const scenario = scenarioOfFork(fork, title, durationMs);
  const journal = new JournalWriter();
  const sites = await ForkedSites.open({ fork, scenario, seed, journal });
  try {
    const { clock } = sites;
    const whole = new Map<string, WholeSince[]>();
    const samples: TruthSample[] = [];
    const look = (): void => {
      const tMs = clock.nowMs();
      for (const service of sites.services) {
        const now = sites.isWhole(service);
        const known = whole.get(service.id) ?? [];
        if (known.at(-1)?.whole !== now) whole.set(service.id, [...known, { tMs, whole: now }]);
      }
      clock.at(tMs + SAMPLE_MS / 5, look);
    };
    const sample = (): void => {
      const tMs = clock.nowMs();
      for (const link of sites.ports.guardedLinks()) {
        const counters = sites.ports.truthOf(link);
        if (counters !== undefined) samples.push({ tMs, link, counters });
      }
      clock.at(tMs + SAMPLE_MS, sample);
    };
    look();
    sample();
    if (changed) {
      clock.at(CHANGE_AT_MS, () => {
        const phase = `what if: ${words}`;
        journal.record(clock.nowMs(), { kind: 'phase', because: [], phase, reason: phase });
        changeSites(sites, change, durationMs);
      });
    }
    const begun = new Set((await sites.operations()).map(({ id }) => id));
    while (clock.nowMs() < durationMs) {
      await sites.passUntil(Math.min(durationMs, clock.nowMs() + SLICE_MS));
      onProgress(clock.nowMs());
    }
    const operations = (await sites.operations()).filter(({ id }) => !begun.has(id));
    const audiences = [...sites.demand.audiences];
    const attacked = audiences.flatMap(([id, audience]) =>
      audience.attackers.length === 0 ? [] : [{ id, audience }],
    );
    const addresses = addressesOf(
      sites,
      attacked.map(({ id }) => id),
    );
    const host = Object.keys(addresses)[0];
    const target = scenario.topology.hosts.find(({ name }) => name === host)?.name;
    const recording: Recording = {
      scenario,
      plane: 'twin',
      seed,
      defence: 'on',
      durationMs,
      traceHash: journal.traceHash(),
      journal: journal.inOrder(),
      requests: audiences.flatMap(([, audience]) => audience.requests),
      truth: {
        attackers: attacked.flatMap(({ audience }) =>
          target === undefined
            ? []
            : audience.attackers.map((address) => ({ address, attack: 'what-if', target })),
        ),
        users: audiences.flatMap(([, audience]) =>
          [...audience.users].map((address) => ({ address, group: 'people' })),
        ),
      },
      truthSamples: samples,
      rulesLeft: [],
      addresses,
      firstAttackPacketMs: attacked.length === 0 ? null : CHANGE_AT_MS,
      messageCounts: sites.network.fleet.messageCounts(),
      pulses: attacked.length === 0 ? [] : [{ startMs: CHANGE_AT_MS, endMs: durationMs }],
    };
    return {
      recording,
      inputs: sites.network.fleet.inputs,
      before: sites.before,
      after: sites.services,
      whole,
      wholeAtEnd: new Set(sites.services.filter((each) => sites.isWhole(each)).map(({ id }) => id)),
      requests: new Map(audiences.map(([id, audience]) => [id, audience.requests])),
      operations,
      trouble: sites.trouble,
    };
  } finally {
    journal.seal();
    await sites.close();
  }
}

/** Address of the port that was attacked, by its host. */
function addressesOf(sites: ForkedSites, services: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    services.flatMap((id) => {
      const at = sites.demand.audiences.get(id)?.at;
      const port = at === undefined ? undefined : sites.twin.portOf(at.unit, at.interface);
      return port === undefined ? [] : [[port.host, port.address] as const];
    }),
  );
}
