import { rmSync } from 'node:fs';
import { openLinuxInfrastructure } from '../../adapters/infrastructure-linux/linux-infrastructure.ts';
import { createPortPlane } from '../../adapters/infrastructure-linux/port-plane.ts';
import type { Circuit } from '../../adapters/infrastructure-linux/sites.ts';
import { createTwinInfrastructure } from '../../adapters/infrastructure-twin/twin-infrastructure.ts';
import { createTwinPorts } from '../../adapters/infrastructure-twin/twin-ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Infrastructure } from '../../ports/infrastructure.ts';
import type { VirtualLinkPlane } from '../../ports/virtual-link-plane.ts';
import type { Substrate } from '../../protocol/substrate.ts';

export interface UpInfrastructure {
  readonly infrastructure: Infrastructure;
  /** The ports of its units, for agents. */
  readonly links: VirtualLinkPlane;
  /** `keep`: what runs goes on, where it can without this process, and is taken over by whoever opens the same directory next. */
  close(keep: boolean): Promise<void>;
}

export interface UpInfrastructureOptions {
  readonly plane: 'twin' | 'linux';
  readonly substrate: Substrate;
  readonly clock: Clock;
  /** On Linux: for its state. */
  readonly directory: string;
  /** See `LinuxInfrastructureOptions`. */
  readonly operatorKey?: string | undefined;
  onNotice(text: string): void;
}

/** What runs functions on the hosts of the sites: processes of this machine, or models. */
export async function openUpInfrastructure(options: UpInfrastructureOptions): Promise<UpInfrastructure> {
  const { plane, substrate, clock, directory, operatorKey, onNotice } = options;
  if (plane === 'twin') {
    const twin = createTwinInfrastructure(clock);
    const links = createTwinPorts(twin, clock);
    return { infrastructure: twin, links, close: () => links.close() };
  }
  const infrastructure = await openLinuxInfrastructure({
    stateDir: directory,
    hosts: substrate.hosts,
    circuits: circuitsOf(substrate),
    operatorKey,
    onNotice,
  });
  const links = createPortPlane(infrastructure, clock);
  return {
    infrastructure,
    links,
    close: async (keep) => {
      await links.close();
      if (keep) return infrastructure.close();
      await infrastructure.destroy();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** What two sites that are joined directly can send to one another: the sum of the links between their hosts and switches. */
export function circuitsOf({ hosts, links }: Substrate): readonly Circuit[] {
  const hostSites = new Map<string, string>(hosts.map(({ name, site }) => [name, site]));
  const siteOf = new Map(hostSites);
  // A switch stands where the hosts behind it are.
  for (const { ends } of links) {
    const site = ends.map((end) => hostSites.get(end)).find((each) => each !== undefined);
    for (const end of ends) if (site !== undefined && !siteOf.has(end)) siteOf.set(end, site);
  }
  const between = new Map<string, Circuit>();
  for (const { ends, bytesPerSec } of links) {
    const [one, other] = ends.map((end) => siteOf.get(end) ?? '').toSorted();
    if (one === undefined || other === undefined || one === '' || one === other) continue;
    const known = between.get(`${one} ${other}`)?.bytesPerSec ?? 0;
    between.set(`${one} ${other}`, { ends: [one, other], bytesPerSec: known + bytesPerSec });
  }
  return [...between.values()];
}
