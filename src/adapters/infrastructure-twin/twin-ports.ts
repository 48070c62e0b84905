import type { Clock, Timer } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import type { RequestRecord, TruthCounters } from '../../ports/testbed.ts';
import type { UnitPort, VirtualLinkPlane } from '../../ports/virtual-link-plane.ts';
import type { Ipv4, LinkId } from '../../protocol/ids.ts';
import { ipv4, nodeName } from '../../protocol/ids.ts';
import type { UserGroup } from '../../protocol/scenario.ts';
import { FloodSource } from '../plane-twin/flood.ts';
import { GuardedLink } from '../plane-twin/guarded-link.ts';
import { ServerModel } from '../plane-twin/server-model.ts';
import { createTwinPlane } from '../plane-twin/twin-plane.ts';
import { UserModel } from '../plane-twin/user-model.ts';
import { wayOf } from './flow-ways.ts';
import type { TwinInfrastructure } from './twin-infrastructure.ts';

const SLICE_MS = 10;
/** As the Linux plane has it. */
const PORT = { capacityBytesPerSec: 1_250_000_000, queueBytes: 4_000_000 };

/** Who is sent something, at one of its interfaces that is guarded. */
export type Destination = Omit<UnitPort, 'link'>;

/** Ports of units in the twin, and the people on the virtual links. */
export interface TwinPorts extends VirtualLinkPlane {
  /** A SYN flood from one source. @throws RangeError unless the port is guarded. */
  flood(to: Destination, source: Ipv4, ratePps: number, untilMs: number, random: Random): void;
  /** A user of that group with that address, until the function that is answered is called. @throws as `flood`. */
  user(
    to: Destination,
    address: Ipv4,
    group: UserGroup,
    random: Random,
    record: (request: RequestRecord) => void,
  ): () => void;
  /** See `Testbed`; undefined: the link is not guarded. */
  truthOf(link: LinkId): TruthCounters | undefined;
}

interface Port {
  readonly at: UnitPort;
  readonly address: Ipv4;
  readonly link: GuardedLink;
  /** Whatever the unit is: what TCP does there. */
  readonly server: ServerModel;
}

export function createTwinPorts(
  { portOf, chains, addressesOf }: Pick<TwinInfrastructure, 'portOf' | 'chains' | 'addressesOf'>,
  clock: Clock,
): TwinPorts {
  const ports = new Map<LinkId, Port>();
  const links = new Map<LinkId, GuardedLink>();
  let floods: FloodSource[] = [];
  const users = new Set<UserModel>();
  let slice: Timer | undefined;
  let open = true;

  const advance = (): void => {
    const nowMs = clock.nowMs();
    floods = floods.filter((each) => each.untilMs > nowMs);
    for (const flood of floods) flood.send(SLICE_MS, nowMs);
    for (const { link, server } of ports.values()) {
      link.serve(SLICE_MS);
      link.expire(nowMs);
      server.expire(nowMs);
    }
    // Where nobody sends anything no time has to be passed.
    slice = open && floods.length + users.size > 0 ? clock.at(nowMs + SLICE_MS, advance) : undefined;
  };
  const begin = (): void => {
    slice ??= clock.at(clock.nowMs() + SLICE_MS, advance);
  };
  const portAt = ({ unit, interface: name }: Destination): Port | undefined =>
    [...ports.values()].find(({ at }) => at.unit === unit && at.interface === name);
  const destination = (to: Destination): Port => {
    const port = portAt(to);
    if (port !== undefined) return port;
    throw new RangeError(`${to.interface} of ${to.unit} is not guarded`);
  };
  /** Through the functions of the chain that leads there, as far as their ports are guarded. */
  const pathTo = ({ address, at, link }: Port, source: Ipv4): readonly GuardedLink[] => {
    const chain = chains().find(({ match }) => match.destination === address);
    const way = chain === undefined ? [] : wayOf(chain, { source, destination: address }, addressesOf);
    const before = way.filter(({ unit }) => unit !== at.unit);
    return [...before.flatMap(({ unit, ingress }) => portAt({ unit, interface: ingress })?.link ?? []), link];
  };
  const guard = (wanted: readonly UnitPort[]): readonly LinkId[] => {
    const isWanted = ({ at }: Port) =>
      wanted.some(({ link, unit }) => link === at.link && unit === at.unit) &&
      portOf(at.unit, at.interface) !== undefined;
    for (const [link, port] of ports) {
      if (isWanted(port)) continue;
      ports.delete(link);
      links.delete(link);
    }
    for (const at of wanted) {
      const found = portOf(at.unit, at.interface);
      if (found === undefined || ports.has(at.link)) continue;
      const address = ipv4(found.address);
      const link = new GuardedLink({ link: at.link, ...PORT });
      ports.set(at.link, { at, address, link, server: serverAt(found.host, address) });
      links.set(at.link, link);
    }
    return [...ports.keys()];
  };

  return {
    ...createTwinPlane({
      clock,
      links,
      serverOf: (link, target) => {
        const port = ports.get(link);
        return port?.address === target ? port.server : undefined;
      },
      onlyBehind: (link) => ports.get(link)?.address,
      addresses: new Map(),
      isOpen: () => open,
    }),
    guard: async (wanted) => (open ? guard(wanted) : []),
    close: async () => {
      open = false;
      slice?.cancel();
      floods = [];
      for (const user of users) user.stop();
    },
    truthOf: (id) => {
      const link = links.get(id);
      return (
        link && {
          totalBytes: link.deliveredBytes,
          legitimateBytes: link.legitimateBytes,
          attackOfferedBytes: link.attackOfferedBytes,
          attackDeliveredBytes: link.attackDeliveredBytes,
        }
      );
    },
    flood: (to, source, ratePps, untilMs, random) => {
      const port = destination(to);
      floods.push(new FloodSource(source, ratePps, untilMs, pathTo(port, source), port.server, random));
      begin();
    },
    user: (to, address, group, random, record) => {
      const port = destination(to);
      const user = new UserModel(address, group, {
        clock,
        random,
        // As it is at each request: what shares the flows may come and go.
        get path() {
          return pathTo(port, address);
        },
        server: port.server,
        record,
      });
      users.add(user);
      user.start();
      begin();
      return () => {
        user.stop();
        users.delete(user);
      };
    },
  };
}

/** A unit that answers as Linux does by default, with SYN cookies. */
function serverAt(host: string, address: Ipv4): ServerModel {
  return new ServerModel(
    {
      kind: 'web-server',
      name: 'unit',
      cpu: 1,
      memoryGb: 1,
      synCookies: true,
      backlog: 511,
      pagePort: 80,
      videoPort: 80,
      pageBytes: 2000,
    },
    nodeName(host),
    address,
  );
}
