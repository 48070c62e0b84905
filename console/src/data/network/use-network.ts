import { useMemo } from 'react';
import type { NetworkView } from '../../../../src/protocol/network-view.ts';
import type { RunDetail } from '../../../../src/protocol/run-view.ts';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import type { Status } from '../../../../src/protocol/up-status.ts';
import type { Refused } from '../ask.ts';
import { countBefore } from '../count-before.ts';
import { isOver } from '../is-over.ts';
import { useAsked } from '../use-asked.ts';
import { type Looking, useJournal } from '../use-journal.ts';
import { buildNetwork } from './build-network.ts';
import type { Network, NetworkAgent } from './network.ts';
import { agentsOf, functionsBy, trustBy } from './told-by-journal.ts';

const EVERY_MS = 2000;
/** Kinds of entries that say who is where, and how far they are trusted. */
const TELLING = ['ledger', 'capability', 'action'] as const;
/** What is built stays as it is: only agents come and go, and they are in the status. */
const VIEW_EVERY_MS = 30_000;

export interface KnownNetwork {
  readonly looking: Looking;
  /** Undefined: it is not known yet. */
  readonly network: Network | undefined;
  readonly services: readonly ServiceInstance[];
  readonly view: NetworkView | undefined;
  readonly run: RunDetail | undefined;
  readonly refused: Refused | undefined;
}

/** The network that is looked at, as it is known by the time that is looked at. */
export function useNetwork(): KnownNetwork {
  const looking = useJournal();
  const { source, journal, end, isNow } = looking;
  const up = source.kind === 'up';
  const view = useAsked<NetworkView>(up ? '/v1/network' : null, VIEW_EVERY_MS);
  const status = useAsked<Status>(up ? '/v1/status' : null, EVERY_MS);
  const managed = status.value !== undefined && status.value.services !== null;
  const services = useAsked<readonly ServiceInstance[]>(up && managed ? '/v1/services' : null, EVERY_MS);
  const run = useAsked<RunDetail>(up ? null : `/v1/runs/${encodeURIComponent(source.id)}`, EVERY_MS, isOver);
  const scenario = (up ? view.value?.scenario : run.value?.scenario) ?? undefined;
  const substrate = (up ? view.value?.substrate : run.value?.substrate) ?? null;
  // Built anew only for entries that say something of it: the journal goes on all the time.
  const told = TELLING.map((kind) => countBefore(journal.ofKind(kind), end)).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is told stands for the end
  const network = useMemo(() => {
    if (scenario === undefined) return undefined;
    const agents = up
      ? agentsUp(status.value, isNow, trustBy(journal, end))
      : agentsOf(scenario, journal, end);
    return buildNetwork({
      scenario,
      substrate,
      services: services.value ?? [],
      functions: functionsBy(scenario, journal, end, new Map(agents.map(({ name, host }) => [name, host]))),
      agents,
      silentSites: status.value?.services?.lostSites ?? [],
    });
  }, [scenario, substrate, status.value, services.value, journal, told, isNow, up]);
  return {
    looking,
    network,
    services: services.value ?? [],
    view: view.value,
    run: run.value,
    refused: view.refused ?? status.refused ?? run.refused ?? (managed ? services.refused : undefined),
  };
}

/** Where agents are is of now; how far they were trusted is of the time that is looked at. */
function agentsUp(
  status: Status | undefined,
  isNow: boolean,
  trust: ReadonlyMap<string, string>,
): readonly NetworkAgent[] {
  return (status?.agents ?? []).map(({ name, host, roles, status: now }) => ({
    name,
    host,
    trust: isNow ? now : (trust.get(name) ?? 'not known yet'),
    roles,
  }));
}
