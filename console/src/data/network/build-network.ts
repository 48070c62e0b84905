import type { Scenario } from '../../../../src/protocol/scenario.ts';
import type { ServiceInstance } from '../../../../src/protocol/service-record.ts';
import type { Substrate } from '../../../../src/protocol/substrate.ts';
import type { Network, NetworkAgent, NetworkHost, NetworkLink, NetworkSite, Placed } from './network.ts';

export interface NetworkParts {
  readonly scenario: Scenario;
  /** Null: nobody manages services. */
  readonly substrate: Substrate | null;
  readonly services: readonly ServiceInstance[];
  /** Functions of the scenario that are placed. */
  readonly functions: readonly Placed[];
  readonly agents: readonly NetworkAgent[];
  readonly silentSites: readonly string[];
}

interface Machine {
  readonly name: string;
  readonly site: string;
  readonly vcpus: number;
  readonly memoryMib: number;
  /** What runs there and is not ours. */
  readonly taken: { readonly vcpus: number; readonly memoryMib: number };
}

/** Puts what is known of a network together: machines of the scenario and of the sites for services, and who is where. */
export function buildNetwork(parts: NetworkParts): Network {
  const { scenario, substrate, silentSites } = parts;
  const machines = machinesOf(scenario, substrate);
  const placed = groupBy([...unitsOf(parts.services), ...parts.functions], ({ host }) => host);
  const agents = groupBy(parts.agents, ({ host }) => host);
  const hosts = machines.map((machine) =>
    hostFrom(machine, placed.get(machine.name) ?? [], agents.get(machine.name) ?? []),
  );
  const bySite = groupBy(hosts, ({ site }) => site);
  const siteOf = siteOfNodes(scenario, substrate, machines);
  const names = new Set([...(substrate?.sites ?? []), ...bySite.keys(), ...siteOf.values()]);
  const access = groupBy(scenario.topology.accessPoints, (each) => siteOf.get(each.switch) ?? each.switch);
  const links = [
    ...bookableLinks(substrate, siteOf, parts.services),
    ...openLinks(scenario, substrate, siteOf),
  ];
  const named = new Set(links.flatMap(({ ends }) => ends));
  const isMachine = new Set(machines.map(({ name }) => name));
  const switches = groupBy(
    [...siteOf].filter(([name]) => named.has(name) && !isMachine.has(name)),
    ([, site]) => site,
  );
  const sites = [...names].map(
    (name): NetworkSite => ({
      name,
      hosts: bySite.get(name) ?? [],
      switches: (switches.get(name) ?? []).map(([each]) => each),
      accessPoints:
        scenario.users.length + scenario.attacks.length === 0
          ? []
          : (access.get(name) ?? []).map((each) => each.name),
      silent: silentSites.includes(name),
    }),
  );
  return { sites, links, hostOf: new Map(hosts.map((host) => [host.name, host])) };
}

function machinesOf({ topology }: Scenario, substrate: Substrate | null): readonly Machine[] {
  const nothing = { vcpus: 0, memoryMib: 0 };
  const machines = new Map<string, Machine>(
    topology.hosts.map(({ name, site, switch: at, cpu, memoryGb, background }) => [
      name,
      {
        name,
        site: site ?? at,
        vcpus: cpu,
        memoryMib: memoryGb * 1024,
        taken: { vcpus: background.cpu, memoryMib: background.memoryGb * 1024 },
      },
    ]),
  );
  for (const { name, site, vcpus, memoryMib } of substrate?.hosts ?? [])
    machines.set(name, { name, site, vcpus, memoryMib, taken: nothing });
  return [...machines.values()];
}

function hostFrom(
  { name, site, vcpus, memoryMib, taken }: Machine,
  placed: readonly Placed[],
  agents: readonly NetworkAgent[],
): NetworkHost {
  const sum = (of: 'vcpus' | 'memoryMib') => placed.reduce((total, each) => total + each[of], taken[of]);
  return {
    name,
    site,
    vcpus: { used: sum('vcpus'), total: vcpus },
    memoryMib: { used: sum('memoryMib'), total: memoryMib },
    placed,
    agents,
  };
}

function unitsOf(services: readonly ServiceInstance[]): readonly Placed[] {
  return services.flatMap(({ id: serviceId, name: service, shape }) =>
    shape.units.flatMap(({ id, host, state, unit }): readonly Placed[] =>
      host === null
        ? []
        : [
            {
              id,
              name: unit.id,
              service,
              host,
              goal: `unitHosted(${serviceId},${unit.id})`,
              state,
              vcpus: unit.demand.vcpus,
              memoryMib: unit.demand.memoryMib,
            },
          ],
    ),
  );
}

/** A switch stands where the first host is that it joins; one without hosts is a place of its own. */
function siteOfNodes(
  { topology }: Scenario,
  substrate: Substrate | null,
  machines: readonly Machine[],
): ReadonlyMap<string, string> {
  const siteOf = new Map<string, string>(machines.map(({ name, site }) => [name, site]));
  const join = (one: string, other: string) => {
    const site = siteOf.get(one) ?? siteOf.get(other);
    if (site === undefined) return;
    if (!siteOf.has(one)) siteOf.set(one, site);
    if (!siteOf.has(other)) siteOf.set(other, site);
  };
  for (const { name, switch: at } of topology.hosts) join(name, at);
  const isHost = new Set(machines.map(({ name }) => name));
  for (const { ends } of substrate?.links ?? []) if (ends.some((end) => isHost.has(end))) join(...ends);
  for (const { ends } of substrate?.links ?? [])
    for (const end of ends) if (!siteOf.has(end)) siteOf.set(end, end);
  for (const name of topology.switches) if (!siteOf.has(name)) siteOf.set(name, name);
  return siteOf;
}

function bookableLinks(
  substrate: Substrate | null,
  siteOf: ReadonlyMap<string, string>,
  services: readonly ServiceInstance[],
): readonly NetworkLink[] {
  const booked = new Map<string, number>();
  for (const { shape } of services)
    for (const { link, path } of shape.links)
      for (const id of path) booked.set(id, (booked.get(id) ?? 0) + link.bytesPerSec);
  return (substrate?.links ?? []).map(({ id, ends, bytesPerSec }) => ({
    id,
    ends,
    sites: sitesOf(ends, siteOf),
    capacity: bytesPerSec,
    booked: booked.get(id) ?? 0,
    counted: false,
  }));
}

/** Links of the scenario. Between sites for services they stand for those of the sites, which say more. */
function openLinks(
  { topology }: Scenario,
  substrate: Substrate | null,
  siteOf: ReadonlyMap<string, string>,
): readonly NetworkLink[] {
  const serviced = new Set<string>(substrate?.sites ?? []);
  const directed = [
    ...topology.trunks.map(({ from, to, capacityBytesPerSec: capacity }) => ({ from, to, capacity })),
    ...topology.hosts.map(({ name, switch: at, capacityBytesPerSec: capacity }) => ({
      from: at,
      to: name,
      capacity,
    })),
  ];
  return directed.flatMap(({ from, to, capacity }): readonly NetworkLink[] => {
    const sites = sitesOf([from, to], siteOf);
    if (sites.every((site) => serviced.has(site))) return [];
    const id = `${from}>${to}`;
    return [{ id, ends: [from, to], sites, capacity, booked: undefined, counted: capacity !== undefined }];
  });
}

function sitesOf([one, other]: readonly [string, string], siteOf: ReadonlyMap<string, string>) {
  return [siteOf.get(one) ?? one, siteOf.get(other) ?? other] as const;
}

export function groupBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
