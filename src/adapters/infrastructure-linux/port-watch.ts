import type { Behind } from '../plane-linux/linux-plane.ts';
import { setsIn, withoutTable } from '../plane-linux/nft.ts';
import type { NftReaders } from '../plane-linux/nft-readers.ts';
import { runIn, runTool } from '../plane-linux/run-tool.ts';
import { readPeers } from '../plane-linux/server-host.ts';
import type { PortOfUnit } from './unit-ports.ts';

const tableOf = (device: string): string => `muster_peers_${device}`;

/**
 * Counts at the port what the unit itself sends, as `server-host.ts` does within a server: a handshake that the unit has answered is
 * confirmed once the unit sends something other than a SYN or RST on that connection. Connections that it begins itself do not count. What
 * strangers begin and do not finish takes no room here: each reading would have to go through it.
 */
const tableText = ({ port, address }: PortOfUnit): string => `table netdev ${tableOf(port)} {
  set own { type ipv4_addr . inet_service . inet_service; flags dynamic, timeout; timeout 60s; size 65536; }
  set served { type ipv4_addr . inet_service . inet_service; flags dynamic, timeout; timeout 60s; size 65536; }
  set conf { type ipv4_addr; flags dynamic; size 16384; counter; }
  set synack { type ipv4_addr; flags dynamic; size 16384; counter; }
  set recent { type ipv4_addr; flags dynamic, timeout; timeout 30s; size 16384; }
  chain in {
    type filter hook ingress device "${port}" priority 10;
    ip protocol != tcp accept
    ip saddr != ${address} accept
    tcp flags & (syn | ack) == (syn | ack) update @synack { ip daddr }
    tcp flags & (syn | ack) == syn update @own { ip daddr . tcp dport . tcp sport }
    tcp flags & (syn | rst) != 0x0 accept
    ip daddr . tcp dport . tcp sport @own update @own { ip daddr . tcp dport . tcp sport } accept
    ip daddr . tcp dport . tcp sport @served update @served { ip daddr . tcp dport . tcp sport } accept
    add @served { ip daddr . tcp dport . tcp sport }
    update @conf { ip daddr }
    update @recent { ip daddr }
  }
}
`;

export async function installPortWatch(port: PortOfUnit): Promise<void> {
  await runIn(port.namespace, ['nft', '-f', '-'], `${withoutTable(tableOf(port.port))}\n${tableText(port)}`);
}

export async function removePortWatch({ namespace, port }: PortOfUnit): Promise<void> {
  await runIn(namespace, ['nft', '-f', '-'], `${withoutTable(tableOf(port))}\n`);
}

/** The unit at the port, and nobody that it passes packets on to: each address is defended where it is. */
export function behindPort({ namespace, port, pid, address }: PortOfUnit, readers: NftReaders): Behind {
  const listSet = async (set: string) =>
    setsIn(await readers.list(namespace, `set netdev ${tableOf(port)} ${set}`)).get(set) ?? new Map();
  const inUnit = ['nsenter', '--target', String(pid), '--net'];
  return {
    only: address,
    read: (target) =>
      target === address ? readPeers((command) => runTool([...inUnit, ...command]), pid, listSet) : undefined,
    recent: async () => [...(await listSet('recent')).keys()],
  };
}
