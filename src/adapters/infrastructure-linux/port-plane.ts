import type { Clock } from '../../ports/clock.ts';
import type { UnitPort, VirtualLinkPlane } from '../../ports/virtual-link-plane.ts';
import type { LinkId } from '../../protocol/ids.ts';
import { Guard } from '../plane-linux/guard.ts';
import type { Behind } from '../plane-linux/linux-plane.ts';
import { createLinuxPlane } from '../plane-linux/linux-plane.ts';
import { tableOf } from '../plane-linux/nft.ts';
import { createNftReaders } from '../plane-linux/nft-readers.ts';
import { runIn } from '../plane-linux/run-tool.ts';
import type { LinuxInfrastructure } from './linux-infrastructure.ts';
import { behindPort, installPortWatch, removePortWatch } from './port-watch.ts';
import { createQueue } from './queue.ts';
import type { PortOfUnit } from './unit-ports.ts';

/** A port itself holds nothing back: 10 Gbit/s. */
const PORT_BYTES_PER_SEC = 1_250_000_000;
const PORT_QUEUE_BYTES = 4_000_000;

interface Guarded {
  readonly port: PortOfUnit;
  readonly guard: Guard;
  readonly behind: Behind;
}

const NOBODY: Behind = { read: () => undefined, recent: async () => [] };

/** Ports of units on real packets: what goes to a unit is held back and counted where the switch of its site sends it out. */
export function createPortPlane(
  infrastructure: Pick<LinuxInfrastructure, 'ports'>,
  clock: Clock,
): VirtualLinkPlane {
  const readers = createNftReaders();
  const all = new Map<LinkId, Guarded>();
  const guards = new Map<LinkId, Guard>();
  const inTurn = createQueue();
  let open = true;
  let swept = false;
  const portOf = (unit: string, name: string) =>
    infrastructure.ports().find((each) => each.unit === unit && each.interface === name);

  const guardOf = ({ namespace, port }: PortOfUnit) =>
    new Guard({ fromNamespace: namespace, fromDevice: port }, PORT_BYTES_PER_SEC, PORT_QUEUE_BYTES, readers);
  /** Takes away what one that was killed has left at ports of units that went on. */
  const sweepPorts = async (ports: readonly PortOfUnit[]) => {
    for (const namespace of new Set(ports.map((each) => each.namespace))) {
      const tables = await runIn(namespace, ['nft', '-j', 'list', 'tables', 'netdev']);
      for (const port of ports.filter((each) => each.namespace === namespace)) {
        if (!tables.includes(`"${tableOf(port.port)}"`)) continue;
        await guardOf(port).uninstall();
        await removePortWatch(port);
      }
    }
  };
  const drop = async (link: LinkId, { port, guard }: Guarded) => {
    all.delete(link);
    guards.delete(link);
    // Its site may be gone, with everything in it.
    await Promise.allSettled([guard.uninstall(), removePortWatch(port)]);
  };
  const add = async (link: LinkId, port: PortOfUnit) => {
    const guard = guardOf(port);
    const made = { port, guard, behind: behindPort(port, readers) };
    try {
      await installPortWatch(port);
      await guard.install();
    } catch (error) {
      await drop(link, made);
      // The unit has gone meanwhile: it is no port any more.
      if (portOf(port.unit, port.interface)?.pid !== port.pid) return;
      throw error;
    }
    all.set(link, made);
    guards.set(link, guard);
  };
  const guard = async (ports: readonly UnitPort[]) => {
    if (!open) return [];
    if (!swept) await sweepPorts(infrastructure.ports());
    swept = true;
    const wanted = new Map(
      ports.flatMap((each) => {
        const port = portOf(each.unit, each.interface);
        return port === undefined ? [] : [[each.link, port] as const];
      }),
    );
    for (const [link, made] of [...all]) {
      const port = wanted.get(link);
      if (port?.port !== made.port.port || port.pid !== made.port.pid) await drop(link, made);
    }
    for (const [link, port] of wanted) if (!all.has(link)) await add(link, port);
    return [...all.keys()];
  };

  return {
    ...createLinuxPlane({
      clock,
      guards,
      behind: (link) => all.get(link)?.behind ?? NOBODY,
      addresses: new Map(),
      isOpen: () => open,
    }),
    guard: (ports) => inTurn(() => guard(ports)),
    close: () =>
      inTurn(async () => {
        open = false;
        for (const [link, made] of [...all]) await drop(link, made);
        await readers.close();
      }),
  };
}
