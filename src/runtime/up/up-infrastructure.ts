import { rmSync } from 'node:fs';
import { openLinuxInfrastructure } from '../../adapters/infrastructure-linux/linux-infrastructure.ts';
import { createPortPlane } from '../../adapters/infrastructure-linux/port-plane.ts';
import { createTwinInfrastructure } from '../../adapters/infrastructure-twin/twin-infrastructure.ts';
import { createTwinPorts } from '../../adapters/infrastructure-twin/twin-ports.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Infrastructure } from '../../ports/infrastructure.ts';
import type { VirtualLinkPlane } from '../../ports/virtual-link-plane.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { circuitsOf } from './circuits-of.ts';

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
