import { existsSync, readdirSync } from 'node:fs';
import { removeNamespaces } from '../plane-linux/namespaces.ts';
import { runIn, runTool } from '../plane-linux/run-tool.ts';
import { type Circuit, canDelay, shaping } from './circuits.ts';
import { fabricNamespace, firstGuess, siteNamespace } from './names.ts';
import { STEERING_TABLE } from './port-rules.ts';
import { runSiteScript } from './site-script.ts';

export interface SitePlan {
  readonly instance: string;
  readonly sites: readonly string[];
  readonly circuits: readonly Circuit[];
  /** MTU of the network between sites; that of virtual links is 50 bytes less, for VXLAN. */
  readonly underlayMtu: number;
  /** Told in words what this machine cannot do of it. */
  onNotice(notice: string): void;
}

/** Bytes that VXLAN adds: outer Ethernet without its own, IPv4, UDP and VXLAN headers, inner Ethernet. */
export const VXLAN_OVERHEAD = 50;
const NO_DELAY =
  'what is sent between sites is not delayed: this kernel has no netem (the module sch_netem); all else is as it would be';

/** Addresses between sites, 10.255.0.0/16: from the names, so that they are the same after a restart. */
export function siteAddresses(sites: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<number>();
  const addresses = new Map<string, string>();
  for (const site of sites.toSorted()) {
    let place = firstGuess('site', site, 65_000);
    while (taken.has(place)) place = (place + 1) % 65_000;
    taken.add(place);
    addresses.set(site, `10.255.${Math.floor((place + 1) / 256)}.${(place + 1) % 256}`);
  }
  return addresses;
}

/**
 * A namespace for the switch of each site, joined to that of the network between them; what is there already stays. Answers the sites that
 * were made new.
 */
export async function makeSites(plan: SitePlan): Promise<readonly string[]> {
  const { instance, underlayMtu: mtu, circuits } = plan;
  const fabric = fabricNamespace(instance);
  const isThere = (namespace: string) => existsSync(`/run/netns/${namespace}`);
  const missing = plan.sites.filter((site) => !isThere(siteNamespace(instance, site)));
  if (missing.length === 0) return [];
  const newFabric = !isThere(fabric);
  const namespaces = [
    ...(newFabric ? [fabric] : []),
    ...missing.map((site) => siteNamespace(instance, site)),
  ];
  await runTool(['ip', '-batch', '-'], namespaces.map((each) => `netns add ${each}\n`).join(''));
  await Promise.all(
    namespaces.map((each) =>
      runIn(each, [
        'sysctl',
        '-qw',
        'net.ipv6.conf.all.disable_ipv6=1',
        'net.ipv6.conf.default.disable_ipv6=1',
      ]),
    ),
  );
  const uplink = (site: string) => `w${siteNamespace(instance, site).slice(-6)}`;
  await runSiteScript(fabric, {
    ip: [
      ...(newFabric
        ? [`link add br0 mtu ${mtu} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`]
        : []),
      'link set br0 up',
      ...missing.flatMap((site) => [
        `link add ${uplink(site)} mtu ${mtu} type veth peer name wan0 mtu ${mtu} netns ${siteNamespace(instance, site)}`,
        `link set ${uplink(site)} master br0 up`,
      ]),
    ],
  });
  const addresses = siteAddresses(plan.sites);
  const late = circuits.some(({ latencyMs = 0 }) => latencyMs > 0);
  const delays = late && (await canDelay(fabric));
  if (late && !delays) plan.onNotice(NO_DELAY);
  await Promise.all(
    missing.map((site) =>
      runSiteScript(siteNamespace(instance, site), {
        ip: ['link set lo up', `addr add ${addresses.get(site)}/16 dev wan0`, 'link set wan0 up'],
        nft: [`add table netdev ${STEERING_TABLE}`],
        ...shaping(site, circuits, addresses, delays),
      }),
    ),
  );
  return missing;
}

/** Namespaces of this instance, whatever its sites are called today. */
export function namespacesOf(instance: string): readonly string[] {
  try {
    return readdirSync('/run/netns').filter(
      (name) => name === fabricNamespace(instance) || name.startsWith(`muster-site-${instance}-`),
    );
  } catch {
    return [];
  }
}

export const removeSites = (instance: string): Promise<void> => removeNamespaces(namespacesOf(instance));
