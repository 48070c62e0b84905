import type { PlaneFeature } from '../../ports/data-plane.ts';
import { namespaceName, removeNamespaces } from '../plane-linux/namespaces.ts';
import { runIn, runTool } from '../plane-linux/run-tool.ts';

/** What joining sites by a VXLAN needs beside what the Linux data plane does; each tried really. Empty where there is no root or no Linux. */
export async function siteVxlanFeatures(): Promise<readonly PlaneFeature[]> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return [];
  const scratch = namespaceName('-vxlan-doctor');
  const mend = 'without it site daemons speak over local sockets';
  return Promise.all([
    feature('bridge', 'install the Debian package iproute2', () => runTool(['bridge', '-V'])),
    feature('nsenter', 'install the Debian package util-linux', () => runTool(['nsenter', '--version'])),
    feature('vxlan', `a kernel with it; ${mend}`, async () => {
      await runTool(['ip', 'netns', 'add', scratch]);
      try {
        const link = 'link add v0 type vxlan id 1 local 127.0.0.1 dstport 4789 nolearning df set';
        return await runIn(scratch, ['ip', ...link.split(' ')]);
      } finally {
        await removeNamespaces([scratch]);
      }
    }),
  ]);
}

async function feature(name: string, mend: string, attempt: () => Promise<string>): Promise<PlaneFeature> {
  try {
    const said = (await attempt()).split('\n')[0]?.trim() ?? '';
    return { name, available: true, detail: said.slice(0, 60) || 'works' };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { name, available: false, detail: why.slice(0, 120), mend };
  }
}
