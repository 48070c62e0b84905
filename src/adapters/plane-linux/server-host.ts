import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { MusterError } from '../../protocol/errors.ts';
import type { Ipv4, NodeName } from '../../protocol/ids.ts';
import type { WebServerSpec } from '../../protocol/scenario.ts';
import { ownProgram, startIn } from './child.ts';
import type { Counted } from './nft.ts';
import { setsIn } from './nft.ts';
import type { NftReaders } from './nft-readers.ts';
import { runIn } from './run-tool.ts';

const START_MS = 10_000;

export interface PeerReading {
  readonly synAcks: ReadonlyMap<string, number>;
  readonly confirmed: ReadonlyMap<string, number>;
  readonly halfOpen: ReadonlyMap<string, number>;
  readonly cookies: number;
}

/** A web server in its namespace, and what its TCP can be seen to do. */
export interface ServerHost {
  readonly spec: WebServerSpec;
  readonly host: NodeName;
  readonly address: Ipv4;
  readonly child: ChildProcess;
  read(): Promise<PeerReading>;
  /** Sources with a handshake confirmed within the last 30 s. */
  recent(): Promise<readonly string[]>;
}

/**
 * A handshake counts as confirmed once the server itself sends something other than a SYN or RST on that connection: a bare
 * ACK of a stranger is answered by a RST. The first such segment of each (peer, port) counts its source once.
 */
const TABLE = (ports: string) => `table inet muster {
  set served { type ipv4_addr . inet_service; flags dynamic, timeout; timeout 60s; size 65536; }
  set conf { type ipv4_addr; flags dynamic; size 16384; counter; }
  set synack { type ipv4_addr; flags dynamic; size 16384; counter; }
  set recent { type ipv4_addr; flags dynamic, timeout; timeout 30s; size 16384; }
  chain out {
    type filter hook output priority 0;
    tcp sport != { ${ports} } accept
    tcp flags & (syn | ack) == (syn | ack) update @synack { ip daddr }
    tcp flags & (syn | rst) != 0x0 accept
    ip daddr . tcp dport @served accept
    add @served { ip daddr . tcp dport }
    update @conf { ip daddr }
    update @recent { ip daddr }
  }
}
`;

export async function startServer(
  spec: WebServerSpec,
  host: NodeName,
  address: Ipv4,
  namespace: string,
  readers: NftReaders,
): Promise<ServerHost> {
  await runIn(namespace, [
    'sysctl',
    '-qw',
    `net.ipv4.tcp_syncookies=${spec.synCookies ? 1 : 0}`,
    // Larger than the backlog: else Linux keeps its last quarter for peers that it has known before the flood.
    `net.ipv4.tcp_max_syn_backlog=${4 * spec.backlog}`,
    `net.core.somaxconn=${spec.backlog}`,
    // A half-open connection lives 1 s + 2 s.
    'net.ipv4.tcp_synack_retries=1',
  ]);
  await runIn(namespace, ['nft', '-f', '-'], TABLE(`${spec.pagePort}, ${spec.videoPort}`));
  const { pagePort, videoPort, pageBytes, backlog } = spec;
  const options = JSON.stringify({ address, pagePort, videoPort, pageBytes, backlog });
  const program = ownProgram(new URL('./workload/server-main.ts', import.meta.url));
  const child = startIn(namespace, [...program, options]);
  const listSet: ListSet = async (set) =>
    setsIn(await readers.list(namespace, `set inet muster ${set}`)).get(set) ?? new Map();
  await ready(child);
  return {
    spec,
    host,
    address,
    child,
    read: () => readPeers((command) => runIn(namespace, command), child.pid ?? 0, listSet),
    recent: async () => [...(await listSet('recent')).keys()],
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new MusterError('PLANE_FAILED', `the web server ${why}`, { hint: 'bin/muster doctor' }));
    const timer = setTimeout(() => fail('did not start in time'), START_MS);
    child.once('exit', (code) => fail(`ended with ${code}`));
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).once('line', () => {
        clearTimeout(timer);
        resolve();
      });
    }
  });
}

export type ListSet = (set: string) => Promise<ReadonlyMap<string, Counted>>;

/** `run`: in the server's network; `pid`: of a process there. */
export async function readPeers(
  run: (command: readonly string[]) => Promise<string>,
  pid: number,
  listSet: ListSet,
): Promise<PeerReading> {
  const [synack, conf, open, netstat] = await Promise.all([
    listSet('synack'),
    listSet('conf'),
    run(['ss', '-Htn', 'state', 'syn-recv']),
    readFile(`/proc/${pid}/net/netstat`, 'utf8'),
  ]);
  const packets = (set: ReadonlyMap<string, Counted>) =>
    new Map([...set].map(([key, counted]) => [key, counted.packets]));
  const halfOpen = new Map<string, number>();
  for (const line of open.split('\n')) {
    // A server that listens for IPv6 too has IPv4 peers as `[::ffff:10.0.0.1]:80`.
    const peer = /(\d+\.\d+\.\d+\.\d+)\]?:\d+$/.exec(line.trim().split(/\s+/).at(3) ?? '')?.[1];
    if (peer !== undefined) halfOpen.set(peer, (halfOpen.get(peer) ?? 0) + 1);
  }
  return { synAcks: packets(synack), confirmed: packets(conf), halfOpen, cookies: cookiesIn(netstat) };
}

/** SyncookiesSent of /proc/net/netstat: a line of names, then one of values. */
function cookiesIn(netstat: string): number {
  const [names, values] = netstat
    .split('\n')
    .filter((line) => line.startsWith('TcpExt:'))
    .map((line) => line.split(' '));
  return Number(values?.[names?.indexOf('SyncookiesSent') ?? -1] ?? 0);
}
