import type { Timer } from '../../ports/clock.ts';
import type { GroundTruth, RequestRecord, Testbed, TestbedOptions } from '../../ports/testbed.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Ipv4, LinkId, NodeName } from '../../protocol/ids.ts';
import type { UserGroup } from '../../protocol/scenario.ts';
import { FloodSource } from './flood.ts';
import { GuardedLink } from './guarded-link.ts';
import { ServerModel } from './server-model.ts';
import { createAddressPool, guardedSpecs, hostAddresses, pathTo } from './twin-network.ts';
import { createTwinPlane } from './twin-plane.ts';
import { UserModel } from './user-model.ts';

/** Floods and queues are advanced in slices of this length. */
const SLICE_MS = 10;

/** The data plane in simulation: deterministic for a seed, on whatever clock it is given. */
export function createTwinTestbed(options: TestbedOptions): Testbed {
  const { scenario, clock } = options;
  const { topology } = scenario;
  const random = options.random.fork('twin');
  const links = new Map<LinkId, GuardedLink>();
  const servers = new Map<Ipv4, ServerModel>();
  const byFunction = new Map<string, ServerModel>();
  const addresses = new Map(hostAddresses(topology));
  const people =
    scenario.users.reduce((sum, each) => sum + each.count, 0) +
    scenario.attacks.reduce((sum, each) => sum + each.ratesPps.length, 0);
  const nextAddress = createAddressPool(random.fork('addresses'), Math.max(people, 250));
  const attackers = new Map<string, { address: Ipv4; at: NodeName }[]>();
  const users: UserModel[] = [];
  const truthUsers: GroundTruth['users'][number][] = [];
  let floods: FloodSource[] = [];
  let requests: RequestRecord[] = [];
  let state: 'new' | 'up' | 'gone' = 'new';
  let slice: Timer | undefined;

  const switchOf = (accessPoint: NodeName): NodeName => {
    const found = topology.accessPoints.find((each) => each.name === accessPoint);
    if (found === undefined) throw new MusterError('BAD_SCENARIO', `no access point ${accessPoint}`);
    return found.switch;
  };
  const serverOf = (name: string): ServerModel => {
    const server = byFunction.get(name);
    if (server === undefined) throw new MusterError('PLANE_FAILED', `${name} is not deployed`);
    return server;
  };
  const guardedPath = (accessPoint: NodeName, server: ServerModel): readonly GuardedLink[] =>
    pathTo(topology, switchOf(accessPoint), server.host).flatMap((id) => links.get(id) ?? []);
  const atInTurn = (at: readonly NodeName[], index: number): NodeName => {
    const found = at[index % at.length];
    if (found === undefined) throw new MusterError('BAD_SCENARIO', 'an access point is needed');
    return found;
  };

  const advance = (): void => {
    const nowMs = clock.nowMs();
    if (floods.length > 0) {
      floods = floods.filter((each) => each.untilMs > nowMs);
      for (const flood of floods) flood.send(SLICE_MS, nowMs);
    }
    for (const link of links.values()) {
      link.serve(SLICE_MS);
      link.expire(nowMs);
    }
    for (const server of servers.values()) server.expire(nowMs);
    slice = clock.at(nowMs + SLICE_MS, advance);
  };

  return {
    plane: createTwinPlane({
      clock,
      links,
      serverOf: (_, target) => servers.get(target),
      onlyBehind: () => undefined,
      addresses,
      isOpen: () => state === 'up',
    }),
    build: async () => {
      if (state !== 'new') throw new MusterError('PLANE_FAILED', 'a testbed is built once');
      for (const spec of guardedSpecs(topology)) links.set(spec.link, new GuardedLink(spec));
      // Attackers are known from the start: their addresses come from the pool before the users' do, in random order.
      for (const attack of scenario.attacks) {
        const sources = attack.ratesPps.map((_, index) => ({
          address: nextAddress(),
          at: atInTurn(attack.at, index),
        }));
        attackers.set(attack.name, sources);
      }
      state = 'up';
      slice = clock.at(clock.nowMs() + SLICE_MS, advance);
    },
    deploy: async (spec, host) => {
      const address = addresses.get(host);
      if (spec.kind !== 'web-server' || address === undefined) return;
      const server = new ServerModel(spec, host, address);
      servers.set(address, server);
      byFunction.set(spec.name, server);
    },
    undeploy: async (spec) => {
      const server = byFunction.get(spec.name);
      byFunction.delete(spec.name);
      if (server !== undefined) servers.delete(server.address);
    },
    startUsers: async (group: UserGroup) => {
      const server = serverOf(group.target);
      for (let index = 0; index < group.count; index++) {
        const address = nextAddress();
        truthUsers.push({ address, group: group.name });
        const user = new UserModel(address, group, {
          clock,
          random: random.fork(`user ${group.name} ${index}`),
          path: guardedPath(atInTurn(group.at, index), server),
          server,
          record: (request) => requests.push(request),
        });
        users.push(user);
        user.start();
      }
    },
    stopUsers: async (group) => {
      for (const user of users) if (user.group.name === group.name) user.stop();
    },
    startAttack: async (attack, untilMs) => {
      const server = serverOf(attack.target);
      const sources = attackers.get(attack.name) ?? [];
      sources.forEach(({ address, at }, index) => {
        const ratePps = attack.ratesPps[index] ?? 0;
        const path = guardedPath(at, server);
        const own = random.fork(`attacker ${attack.name} ${index} ${clock.nowMs()}`);
        floods.push(new FloodSource(address, ratePps, untilMs, path, server, own));
      });
    },
    takeRequests: () => {
      const taken = requests;
      requests = [];
      return taken;
    },
    truthOf: (id, done) => {
      const link = links.get(id);
      done({
        totalBytes: link?.deliveredBytes ?? 0,
        legitimateBytes: link?.legitimateBytes ?? 0,
        attackOfferedBytes: link?.attackOfferedBytes ?? 0,
        attackDeliveredBytes: link?.attackDeliveredBytes ?? 0,
      });
    },
    truth: () => ({
      attackers: scenario.attacks.flatMap((attack) =>
        (attackers.get(attack.name) ?? []).map(({ address }) => ({
          address,
          attack: attack.name,
          target:
            byFunction.get(attack.target)?.host ??
            topology.hosts[0]?.name ??
            switchOf(atInTurn(attack.at, 0)),
        })),
      ),
      users: truthUsers,
    }),
    destroy: async () => {
      state = 'gone';
      slice?.cancel();
      floods = [];
      for (const user of users) user.stop();
    },
  };
}
