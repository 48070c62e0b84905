import { siteVxlanFeatures } from '../../adapters/site-vxlan/features.ts';
import { createSiteVxlan, INNER_MTU } from '../../adapters/site-vxlan/site-vxlan.ts';
import { monotonicMs } from '../trust/trust-view.ts';
import type { SiteNetwork } from './site-network.ts';
import { localSockets } from './site-network.ts';

/** Where every site's daemon listens at its address. */
const PORT = 4778;

/**
 * Each site's daemon in a network namespace of its own, all joined by a VXLAN of this pipeline; local sockets in `directory` where the machine
 * lacks what that takes.
 * @throws PLANE_FAILED when it has all of it, and yet the network cannot be built.
 */
export async function vxlanNetwork(sites: readonly string[], directory: string): Promise<SiteNetwork> {
  const beganMs = monotonicMs();
  let vxlan: Awaited<ReturnType<typeof createSiteVxlan>>;
  try {
    vxlan = await createSiteVxlan(sites);
  } catch (error) {
    const missing = (await siteVxlanFeatures()).filter((each) => !each.available);
    if (missing.length === 0) throw error;
    const names = missing.map((each) => each.name).join(', ');
    return localSockets(directory, `this machine lacks ${names} (bin/muster doctor says more)`);
  }
  const builtMs = Math.round(monotonicMs() - beganMs);
  const found = (site: string) => {
    const joined = vxlan.sites().find((each) => each.site === site);
    if (joined === undefined) throw new Error(`${site} has not joined`);
    return joined;
  };
  return {
    placeOf: (site) => {
      const { namespace, addresses } = found(site);
      return { listen: { host: addresses.inner, port: PORT }, networkOf: `/run/netns/${namespace}` };
    },
    join: async (site) => {
      if (vxlan.sites().some((each) => each.site === site)) return;
      await vxlan.join([site]);
      await vxlan.prove();
    },
    proven: async () => {
      const sinceMs = monotonicMs();
      await vxlan.prove();
      const provenMs = Math.round(monotonicMs() - sinceMs);
      const where = vxlan.sites().map(({ site, addresses }) => `${site} ${addresses.inner}`);
      return `over a VXLAN, VNI ${vxlan.vni}, MTU ${INNER_MTU} (built in ${builtMs} ms, its MTU proven in ${provenMs} ms by packets that must not be fragmented): ${where.join(', ')}`;
    },
    close: () => vxlan.close(),
  };
}
