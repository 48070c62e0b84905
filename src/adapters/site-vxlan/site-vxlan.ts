import { randomInt } from 'node:crypto';
import { MusterError } from '../../protocol/errors.ts';
import type { Ipv4 } from '../../protocol/ids.ts';
import { namespaceName, removeNamespaces, sweepLeftovers } from '../plane-linux/namespaces.ts';
import { runTool } from '../plane-linux/run-tool.ts';
import { proveMtu } from './prove-mtu.ts';
import type { VxlanSite } from './site-addresses.ts';
import { PREFIX_LENGTH, siteAddresses } from './site-addresses.ts';

/** Of the links between the sites, and what of it is left within VXLAN over IPv4, bytes. */
export const UNDERLAY_MTU = 1500;
export const INNER_MTU = UNDERLAY_MTU - 50;
/** Of a site in its namespace: its end of the link to the others, and of the VXLAN. */
export const UPLINK = 'eth0';
export const TUNNEL = 'muster-vx';
/** As IANA has it. */
const VXLAN_PORT = 4789;
const SWITCH = 'br0';

/** The link-layer network of one pipeline's sites: each in a namespace of its own, without a way out of it but to the others. */
export interface SiteVxlan {
  /** 24 bits, drawn for this pipeline. */
  readonly vni: number;
  /** Of the switch that the links of all sites end at: nothing lives there. */
  readonly underlay: string;
  /** In the order in which they have joined. */
  sites(): readonly VxlanSite[];
  /** Throws MusterError PLANE_FAILED; nothing of these sites is left then. */
  join(sites: readonly string[]): Promise<void>;
  /** Sends packets of the whole MTU that must not be fragmented around all sites. Throws MusterError PLANE_FAILED. */
  prove(): Promise<void>;
  addressOf(site: string): Ipv4 | undefined;
  close(): Promise<void>;
}

/**
 * Builds an underlay of veth links around one switch, and over it a VXLAN with a static forwarding table: nothing is learnt, the switch
 * forwards to nobody that it was not told of, and a frame that came through the tunnel never goes back into one, since nothing is bridged to it.
 * Everything lives in namespaces that carry Muster's mark. Needs root on Linux.
 * @throws PLANE_FAILED; nothing is left then.
 */
export async function createSiteVxlan(sites: readonly string[]): Promise<SiteVxlan> {
  await sweepLeftovers();
  const vni = randomInt(1, 2 ** 24);
  // A node of the data plane has no name that begins with a hyphen.
  const underlay = namespaceName(`-${vni}-underlay`);
  const joined: VxlanSite[] = [];
  let count = 0;
  const close = () => removeNamespaces([...joined.map((each) => each.namespace), underlay]);
  const join = async (names: readonly string[]): Promise<void> => {
    const before = [...joined];
    const fresh = names.map((site): VxlanSite => {
      const number = ++count;
      const namespace = namespaceName(`-${vni}-site-${site}`);
      return { site, namespace, addresses: siteAddresses(number), port: `p${number}` };
    });
    try {
      await ip(
        [],
        fresh.map(({ namespace }) => `netns add ${namespace}`),
      );
      // One after the other: a pair is made in one namespace and reaches into another.
      await ip(['-n', underlay], fresh.flatMap(linksOf));
      await Promise.all([
        bridge(
          underlay,
          fresh.map(({ addresses, port }) => `fdb add ${addresses.outerMac} dev ${port} master static`),
        ),
        ...fresh.map(async (each) => {
          await ip(['-n', each.namespace], endOf(each, vni));
          await bridge(each.namespace, towards([...before, ...fresh].filter((other) => other !== each)));
        }),
      ]);
      await Promise.all(before.map(({ namespace }) => bridge(namespace, towards(fresh))));
      joined.push(...fresh);
    } catch (cause) {
      await removeNamespaces(fresh.map((each) => each.namespace));
      await Promise.allSettled(before.map(({ namespace }) => bridge(namespace, awayFrom(fresh), '-force')));
      throw failed('the network between the sites could not be built', cause);
    }
  };
  try {
    await ip([], [`netns add ${underlay}`]);
    await ip(
      ['-n', underlay],
      [
        'link set lo up',
        `link add ${SWITCH} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
        `link set ${SWITCH} addrgenmode none`,
        `link set ${SWITCH} up`,
      ],
    );
    await join(sites);
  } catch (cause) {
    await close();
    throw cause instanceof MusterError
      ? cause
      : failed('the network between the sites could not be built', cause);
  }
  return {
    vni,
    underlay,
    sites: () => [...joined],
    join,
    prove: () => proveMtu(joined, INNER_MTU),
    addressOf: (site) => joined.find((each) => each.site === site)?.addresses.inner,
    close,
  };
}

/** In the underlay: the pair that leads to a site, and its port on the switch. */
function linksOf({ namespace, port }: VxlanSite): readonly string[] {
  return [
    `link add ${port} mtu ${UNDERLAY_MTU} type veth peer name ${UPLINK} netns ${namespace}`,
    `link set ${port} master ${SWITCH} addrgenmode none`,
    `link set ${port} type bridge_slave learning off flood off mcast_flood off`,
    `link set ${port} up`,
  ];
}

/** At a site: its end of the link, and of the tunnel over it, which is as much shorter as the tunnel takes. */
function endOf({ addresses }: VxlanSite, vni: number): readonly string[] {
  const { inner, innerMac, outer, outerMac } = addresses;
  return [
    'link set lo up',
    `link set ${UPLINK} mtu ${UNDERLAY_MTU} address ${outerMac} addrgenmode none`,
    `addr add ${outer}/${PREFIX_LENGTH} dev ${UPLINK}`,
    `link set ${UPLINK} up`,
    `link add ${TUNNEL} mtu ${INNER_MTU} address ${innerMac} type vxlan id ${vni} local ${outer} dev ${UPLINK} dstport ${VXLAN_PORT} nolearning ttl 1 df set`,
    `link set ${TUNNEL} addrgenmode none`,
    `addr add ${inner}/${PREFIX_LENGTH} dev ${TUNNEL}`,
    `link set ${TUNNEL} up`,
  ];
}

/** At a site: where each of the others is. What is for all of them (who has that address?) is sent to each, from its origin alone. */
function towards(others: readonly VxlanSite[]): readonly string[] {
  return others.flatMap(({ addresses: { innerMac, outer } }) => [
    `fdb append 00:00:00:00:00:00 dev ${TUNNEL} dst ${outer}`,
    `fdb add ${innerMac} dev ${TUNNEL} dst ${outer}`,
  ]);
}

/** The same, not to be any more. */
function awayFrom(others: readonly VxlanSite[]): readonly string[] {
  return towards(others).map((line) => line.replace(/^fdb \w+/, 'fdb del'));
}

async function ip(where: readonly string[], lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await runTool(['ip', ...where, '-batch', '-'], `${lines.join('\n')}\n`);
}

async function bridge(
  namespace: string,
  lines: readonly string[],
  ...flags: readonly string[]
): Promise<void> {
  const command = ['bridge', '-n', namespace, ...flags, '-batch', '-'];
  if (lines.length > 0) await runTool(command, `${lines.join('\n')}\n`);
}

function failed(what: string, cause: unknown): MusterError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new MusterError('PLANE_FAILED', `${what}: ${why}`, { hint: 'bin/muster doctor', cause });
}
