import type { PlaneFeature } from '../../ports/data-plane.ts';
import { namespaceName, removeNamespaces } from '../plane-linux/namespaces.ts';
import { runIn, runTool } from '../plane-linux/run-tool.ts';
import { tryFeature, tryTools } from '../plane-linux/try-feature.ts';

/** What joining sites by a VXLAN needs beside what the Linux data plane does; each tried really. Empty where there is no root or no Linux. */
export async function siteVxlanFeatures(): Promise<readonly PlaneFeature[]> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return [];
  const scratch = namespaceName('-vxlan-doctor');
  const mend = 'without it site daemons speak over local sockets';
  const tools = await tryTools([
    { name: 'bridge', command: ['bridge', '-V'], package: 'iproute2' },
    { name: 'nsenter', command: ['nsenter', '--version'], package: 'util-linux' },
  ]);
  const attempt = async (): Promise<string> => {
    await runTool(['ip', 'netns', 'add', scratch]);
    try {
      const link = 'link add v0 type vxlan id 1 local 127.0.0.1 dstport 4789 nolearning df set';
      return await runIn(scratch, ['ip', ...link.split(' ')]);
    } finally {
      await removeNamespaces([scratch]);
    }
  };
  return [...tools, await tryFeature('vxlan', attempt, `a kernel with it; ${mend}`)];
}
