import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { GroundTruth, RequestRecord, Testbed, TestbedOptions } from '../../ports/testbed.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Ipv4, LinkId, NodeName } from '../../protocol/ids.ts';
import { Ipv4Schema, linkId } from '../../protocol/ids.ts';
import type { AttackSpec, UserGroup } from '../../protocol/scenario.ts';
import { goAsBefore, goFirst, ownProgram, startIn, stopChild } from './child.ts';
import { Guard } from './guard.ts';
import type { Behind } from './linux-plane.ts';
import { createLinuxPlane } from './linux-plane.ts';
import { namespaceName, ownNamespaces, removeNamespaces, sweepLeftovers } from './namespaces.ts';
import { createNftReaders } from './nft-readers.ts';
import { runIn } from './run-tool.ts';
import type { ServerHost } from './server-host.ts';
import { startServer } from './server-host.ts';
import type { Leaf, Wire } from './topology.ts';
import { buildTopology, hostAddress, poolAddress } from './topology.ts';
import { installTruth, readTruth } from './truth.ts';

/** An attacker with an address of its own would reset every SYN-ACK, and nothing would stay half open. */
const DROP_OWN_RST = `table inet muster {
  chain out {
    type filter hook output priority 0;
    tcp flags & rst == rst drop
  }
}
`;

/** hping3 waits this much longer between two packets than it is told (measured: `-i u500` sends 1600 a second). */
const HPING_OVERHEAD_US = 125;

const RecordsSchema = z.array(
  z.strictObject({
    user: Ipv4Schema,
    group: z.string(),
    tookMs: z.number(),
    endedAt: z.number(),
    bytes: z.number(),
    outcome: z.enum(['done', 'late', 'left']),
  }),
);

interface Attacker {
  readonly attack: AttackSpec;
  readonly index: number;
  readonly address: Ipv4;
  readonly leaf: string;
}

/** The paper's network on real packets: namespaces, bridges, a real server, real clients, bounded floods. */
export function createLinuxTestbed(options: TestbedOptions): Testbed {
  const { scenario, clock, onProgress = () => {} } = options;
  const { topology } = scenario;
  const guards = new Map<LinkId, Guard>();
  const wireOf = new Map<LinkId, Wire>();
  const servers = new Map<string, ServerHost>();
  const byFunction = new Map<string, ServerHost>();
  const addresses = new Map<NodeName, Ipv4>(
    topology.hosts.map((host, index) => [host.name, hostAddress(index)]),
  );
  const plan = planPeople(options);
  const attackAddresses = new Set<string>(plan.attackers.map((each) => each.address));
  const children: ChildProcess[] = [];
  const floods = new Set<ChildProcess>();
  const readers = createNftReaders();
  const clients = new Map<string, ChildProcess>();
  const truthUsers: GroundTruth['users'][number][] = [];
  let requests: RequestRecord[] = [];
  let state: 'new' | 'up' | 'gone' = 'new';

  // One network: whoever is behind one link may be behind another.
  const behind: Behind = {
    read: (target) => servers.get(target)?.read(),
    recent: async () => (await Promise.all([...servers.values()].map((server) => server.recent()))).flat(),
  };
  const serverOf = (name: string): ServerHost => {
    const server = byFunction.get(name);
    if (server === undefined) throw new MusterError('PLANE_FAILED', `${name} is not deployed`);
    return server;
  };

  const clientAt = (point: NodeName): ChildProcess => {
    const running = clients.get(point);
    if (running !== undefined) return running;
    const program = ownProgram(new URL('./workload/client-main.ts', import.meta.url));
    const child = startIn(namespaceName(point), program);
    children.push(child);
    clients.set(point, child);
    if (child.stdout !== null)
      createInterface({ input: child.stdout }).on('line', (line) => takeRecords(line));
    return child;
  };

  const takeRecords = (line: string) => {
    // Users live by the wall clock; the run's clock has its own zero.
    const offset = clock.nowMs() - Date.now();
    for (const { user, group, tookMs, endedAt, bytes, outcome } of RecordsSchema.parse(JSON.parse(line))) {
      const target = byFunction.get(scenario.users.find((each) => each.name === group)?.target ?? '')?.host;
      if (target === undefined) continue;
      const endMs = endedAt + offset;
      requests.push({
        user,
        group,
        target,
        startMs: endMs - tookMs,
        endMs,
        bytes,
        inTime: outcome === 'done',
        outcome,
      });
    }
  };

  const flood = async ({ attack, index, leaf }: Attacker, server: ServerHost, untilMs: number) => {
    const ratePps = attack.ratesPps[index] ?? 1;
    const leftMs = untilMs - clock.nowMs();
    const count = Math.ceil((ratePps * Math.max(0, leftMs) * 1.3) / 1000);
    if (count < 1) return;
    const { pagePort, videoPort } = server.spec;
    const port = index % 2 === 0 ? pagePort : videoPort;
    const every = Math.max(1, Math.round(1_000_000 / ratePps) - HPING_OVERHEAD_US);
    const flood = ['-S', '-n', '-q', '-p', String(port), '-i', `u${every}`, '-c', String(count)];
    const child = startIn(namespaceName(leaf), ['hping3', ...flood, server.address], 'attackers');
    floods.add(child);
    child.on('exit', () => floods.delete(child));
    clock.at(untilMs, () => void stopChild(child));
  };

  const destroy = async () => {
    state = 'gone';
    await Promise.all([...children, ...floods].map((child) => stopChild(child)));
    await readers.close();
    await removeNamespaces(ownNamespaces());
    goAsBefore();
  };

  return {
    plane: createLinuxPlane({
      clock,
      guards,
      behind: () => behind,
      addresses,
      isOpen: () => state === 'up',
    }),
    build: async () => {
      if (process.getuid?.() !== 0) {
        throw new MusterError('NEEDS_ROOT', 'the Linux data plane needs root', {
          hint: 'run as root, or with --plane twin',
        });
      }
      await sweepLeftovers();
      goFirst();
      onProgress(
        `building ${topology.switches.length} switches and ${plan.leaves.length} namespaces around them`,
      );
      try {
        const { wires } = await buildTopology(topology, plan.leaves);
        for (const { link, capacity, queueBytes } of guarded(topology)) {
          const wire = wires.get(link);
          if (wire === undefined) continue;
          const guard = new Guard(wire, capacity, queueBytes, readers);
          await guard.install();
          wireOf.set(link, wire);
          await installTruth(
            wire,
            plan.attackers.map((each) => each.address),
          );
          guards.set(link, guard);
        }
        await Promise.all(
          plan.attackers.map(({ leaf }) => runIn(namespaceName(leaf), ['nft', '-f', '-'], DROP_OWN_RST)),
        );
        state = 'up';
      } catch (cause) {
        await destroy();
        throw new MusterError(
          'PLANE_FAILED',
          `the network could not be built: ${cause instanceof Error ? cause.message : String(cause)}`,
          { hint: 'bin/muster doctor', cause },
        );
      }
    },
    deploy: async (spec, host) => {
      const address = addresses.get(host);
      if (spec.kind !== 'web-server' || address === undefined) return;
      const server = await startServer(spec, host, address, namespaceName(host), readers);
      children.push(server.child);
      servers.set(address, server);
      byFunction.set(spec.name, server);
    },
    undeploy: async (spec) => {
      const server = byFunction.get(spec.name);
      byFunction.delete(spec.name);
      if (server === undefined) return;
      servers.delete(server.address);
      await stopChild(server.child);
    },
    startUsers: async (group: UserGroup) => {
      const server = serverOf(group.target);
      const { pagePort, videoPort, pageBytes } = server.spec;
      const members = plan.users.filter((each) => each.group === group.name);
      for (const point of new Set(members.map((each) => each.at))) {
        const users = members.filter((each) => each.at === point).map((each) => each.address);
        for (const address of users) truthUsers.push({ address, group: group.name });
        const seed = options.random.fork(`client ${group.name} ${point}`).below(1_000_000);
        const command = {
          kind: 'start',
          group,
          users,
          server: server.address,
          pagePort,
          videoPort,
          pageBytes,
          seed,
        };
        clientAt(point).stdin?.write(`${JSON.stringify(command)}\n`);
      }
    },
    stopUsers: async (group) => {
      for (const child of clients.values())
        child.stdin?.write(`${JSON.stringify({ kind: 'stop', group: group.name })}\n`);
    },
    startAttack: async (attack, untilMs) => {
      const server = serverOf(attack.target);
      for (const attacker of plan.attackers)
        if (attacker.attack === attack) await flood(attacker, server, untilMs);
    },
    takeRequests: () => {
      const taken = requests;
      requests = [];
      return taken.sort((a, b) => a.endMs - b.endMs);
    },
    truthOf: (id, done) => {
      const guard = guards.get(id);
      const wire = wireOf.get(id);
      if (guard === undefined || wire === undefined || state !== 'up') return;
      readTruth(guard, wire, attackAddresses).then(done, () => {});
    },
    truth: () => ({
      attackers: plan.attackers.map(({ attack, address }) => ({
        address,
        attack: attack.name,
        target: byFunction.get(attack.target)?.host ?? (topology.hosts[0]?.name as NodeName),
      })),
      users: truthUsers,
    }),
    destroy,
  };
}

function guarded(topology: TestbedOptions['scenario']['topology']) {
  const links: { link: LinkId; capacity: number; queueBytes: number }[] = [];
  for (const { from, to, capacityBytesPerSec: capacity, queueBytes } of topology.trunks) {
    if (capacity !== undefined) links.push({ link: linkId(from, to), capacity, queueBytes });
  }
  for (const { name, switch: at, capacityBytesPerSec: capacity, queueBytes } of topology.hosts) {
    if (capacity !== undefined) links.push({ link: linkId(at, name), capacity, queueBytes });
  }
  return links;
}

/** Who sits where, with which address: one pool for users and attackers, in an order that the seed decides. */
function planPeople({ scenario, random }: TestbedOptions) {
  const { topology, users, attacks } = scenario;
  const people =
    users.reduce((sum, each) => sum + each.count, 0) +
    attacks.reduce((sum, each) => sum + each.ratesPps.length, 0);
  const pool = random
    .fork('addresses')
    .shuffle(Array.from({ length: Math.max(people, 250) }, (_, index) => poolAddress(index)));
  const switchOf = new Map(topology.accessPoints.map((each) => [each.name, each.switch]));
  const take = (): Ipv4 => {
    const address = pool.pop();
    if (address === undefined)
      throw new MusterError('BAD_SCENARIO', 'more users and attackers than addresses');
    return address;
  };
  const placed: { group: string; address: Ipv4; at: NodeName }[] = [];
  const attackers: Attacker[] = [];
  const leaves: Leaf[] = topology.hosts.map((host, index) => ({
    name: host.name,
    switch: host.switch,
    addresses: [hostAddress(index)],
  }));
  attacks.forEach((attack, attackIndex) => {
    attack.ratesPps.forEach((_, index) => {
      const at = attack.at[index % attack.at.length];
      const joins = at === undefined ? undefined : switchOf.get(at);
      if (joins === undefined) return;
      const leaf = `x${attackIndex}-${index}`;
      const address = take();
      attackers.push({ attack, index, address, leaf });
      leaves.push({ name: leaf, switch: joins, addresses: [address] });
    });
  });
  for (const group of users) {
    for (let index = 0; index < group.count; index++) {
      const at = group.at[index % group.at.length];
      if (at !== undefined) placed.push({ group: group.name, address: take(), at });
    }
  }
  for (const point of topology.accessPoints) {
    const own = placed.filter((each) => each.at === point.name).map((each) => each.address);
    leaves.push({ name: point.name, switch: point.switch, addresses: own });
  }
  return { users: placed, attackers, leaves };
}
