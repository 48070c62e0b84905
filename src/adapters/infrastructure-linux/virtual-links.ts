import { bridgeOf, siteNamespace, vxlanOf } from './names.ts';
import { portRules, withoutPort } from './port-rules.ts';
import type { SiteScript } from './site-script.ts';
import { runSiteScript } from './site-script.ts';
import type { SitePlan } from './sites.ts';
import { siteAddresses, VXLAN_OVERHEAD } from './sites.ts';
import type { SteeringTable } from './steering.ts';
import type { InterfaceRecord, UnitRecord } from './unit-record.ts';

/** The part of a record that the network has to do with. */
export type Joined = Pick<UnitRecord, 'site' | 'interfaces'> & { readonly order: { readonly id: string } };

/** The virtual links of all sites: who is joined to which, and where chains lead their packets. */
export interface VirtualLinks {
  /** Joins a unit whose namespaces process `pid` holds. */
  join(unit: Joined, pid: number): Promise<void>;
  /** It is joined already: the owner was started anew. */
  adopt(unit: Joined): void;
  leave(unit: Joined): Promise<void>;
  /** Makes the ports do what these tables say; only ports that change are touched, a site's ports all at once. */
  steer(tables: readonly SteeringTable[]): Promise<void>;
}

/**
 * A virtual link is a bridge at every site that has somebody on it, joined by VXLAN. Nothing is learnt and nothing unknown is flooded: who
 * is where is written down, a broadcast goes once to every site that has somebody to hear it, and comes back from none.
 * Calls come one after the other.
 */
export function createVirtualLinks(plan: SitePlan): VirtualLinks {
  const addresses = siteAddresses(plan.sites);
  const mtu = plan.underlayMtu - VXLAN_OVERHEAD;
  const joined = new Map<string, Joined>();
  let tables: readonly SteeringTable[] = [];
  /** Rules of a port as the kernel has them; what is not in here is not known. */
  const written = new Map<string, string>();

  const run = (site: string, script: SiteScript) => runSiteScript(siteNamespace(plan.instance, site), script);
  const others = (unit: Joined) => [...joined.values()].filter((each) => each.order.id !== unit.order.id);
  const sitesOf = (link: string, units: readonly Joined[]) => [
    ...new Set(
      units.filter((each) => each.interfaces.some((one) => one.link === link)).map(({ site }) => site),
    ),
  ];
  const macsElsewhere = (link: string, site: string, units: readonly Joined[]) =>
    units
      .filter((each) => each.site !== site)
      .flatMap((each) =>
        each.interfaces.filter((one) => one.link === link).map(({ mac }) => ({ mac, site: each.site })),
      );
  const rules = ({ port, mac, link }: InterfaceRecord) => {
    const text = portRules({ port, mac, link }, tables);
    written.set(port, text);
    return text;
  };

  const join = async (unit: Joined, pid: number) => {
    const { site, interfaces } = unit;
    const present = others(unit);
    const links = [...new Map(interfaces.map((each) => [each.link, each])).values()];
    const fresh = links.filter(({ link }) => !sitesOf(link, present).includes(site));
    const address = addresses.get(site) ?? '';
    joined.set(unit.order.id, unit);
    const here = run(site, {
      ip: [
        ...fresh.flatMap(({ link, vni }) => [
          `link add ${bridgeOf(link)} mtu ${mtu} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
          `link add ${vxlanOf(link)} mtu ${mtu} type vxlan id ${vni} local ${address} dev wan0 dstport 4789 nolearning`,
          `link set ${vxlanOf(link)} master ${bridgeOf(link)} up`,
          `link set ${bridgeOf(link)} up`,
        ]),
        ...interfaces.flatMap(({ port, device, mac, link }) => [
          `link add ${port} mtu ${mtu} type veth peer name ${device} address ${mac} mtu ${mtu} netns ${pid}`,
          `link set ${port} master ${bridgeOf(link)} up`,
        ]),
      ],
      bridge: [
        ...fresh.flatMap(({ link }) => [
          `link set dev ${vxlanOf(link)} learning off flood off isolated on`,
          ...sitesOf(link, present).map((peer) => headEnd('append', link, addresses.get(peer) ?? '')),
          ...macsElsewhere(link, site, present).flatMap(({ mac, site: peer }) =>
            remote('replace', link, mac, addresses.get(peer) ?? ''),
          ),
        ]),
        ...interfaces.flatMap(({ port, mac }) => [
          `link set dev ${port} learning off flood off`,
          `fdb replace ${mac} dev ${port} master static`,
        ]),
      ],
      nft: interfaces.map(rules),
    });
    await Promise.all([
      here,
      ...affected(unit, present).map(([peer, shared]) =>
        run(peer, {
          bridge: shared.flatMap(({ link, mac }, index) => [
            ...(fresh.some((each) => each.link === link) && isFirst(shared, index)
              ? [headEnd('append', link, address)]
              : []),
            ...remote('replace', link, mac, address),
          ]),
        }),
      ),
    ]);
  };

  /** Other sites that have to know of a unit, with the interfaces that are their business; a link's first one first. */
  const affected = (unit: Joined, present: readonly Joined[]) => {
    const bySite = new Map<string, InterfaceRecord[]>();
    for (const each of unit.interfaces) {
      for (const peer of sitesOf(each.link, present)) {
        if (peer !== unit.site) bySite.set(peer, [...(bySite.get(peer) ?? []), each]);
      }
    }
    return [...bySite];
  };

  const leave = async (unit: Joined) => {
    joined.delete(unit.order.id);
    const present = others(unit);
    const gone = unit.interfaces.filter(({ link }) => !sitesOf(link, present).includes(unit.site));
    const address = addresses.get(unit.site) ?? '';
    for (const { port } of unit.interfaces) written.delete(port);
    await Promise.all([
      run(unit.site, {
        nft: unit.interfaces.map(({ port }) => withoutPort(port)),
        forcedIp: [
          ...unit.interfaces.map(({ port }) => `link del ${port}`),
          ...gone.flatMap(({ link }) => [`link del ${vxlanOf(link)}`, `link del ${bridgeOf(link)}`]),
        ],
      }),
      ...affected(unit, present).map(([peer, shared]) =>
        run(peer, {
          forcedBridge: shared.flatMap(({ link, mac }) => [
            ...remote('del', link, mac, address),
            ...(gone.some((each) => each.link === link) ? [headEnd('del', link, address)] : []),
          ]),
        }),
      ),
    ]);
  };

  const steer = async (next: readonly SteeringTable[]) => {
    tables = next;
    const bySite = new Map<string, string[]>();
    for (const { site, interfaces } of joined.values()) {
      for (const each of interfaces) {
        const before = written.get(each.port);
        const text = rules(each);
        if (text !== before) bySite.set(site, [...(bySite.get(site) ?? []), text]);
      }
    }
    try {
      await Promise.all([...bySite].map(([site, nft]) => run(site, { nft })));
    } catch (error) {
      // What has been done and what not is not known: the next time everything is written.
      written.clear();
      throw error;
    }
  };

  return { join, adopt: (unit) => void joined.set(unit.order.id, unit), leave, steer };
}

/** Of several interfaces on one link, which comes first. */
const isFirst = (interfaces: readonly InterfaceRecord[], index: number) =>
  interfaces.findIndex(({ link }) => link === interfaces[index]?.link) === index;

/** Where a broadcast is sent besides. */
const headEnd = (verb: 'append' | 'del', link: string, address: string) =>
  `fdb ${verb} 00:00:00:00:00:00 dev ${vxlanOf(link)} dst ${address}`;

/** Behind which site an address is: the VXLAN has to know, and the bridge before it. */
const remote = (verb: 'replace' | 'del', link: string, mac: string, address: string) => [
  `fdb ${verb} ${mac} dev ${vxlanOf(link)} dst ${address} self${verb === 'del' ? '' : ' permanent'}`,
  `fdb ${verb} ${mac} dev ${vxlanOf(link)} master${verb === 'del' ? '' : ' static'}`,
];
