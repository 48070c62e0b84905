import type { PlaneFeature } from '../../ports/data-plane.ts';
import { runTool } from '../plane-linux/run-tool.ts';
import type { Tool } from '../plane-linux/try-feature.ts';
import { tryFeature, tryTools } from '../plane-linux/try-feature.ts';
import { findCgroups } from './cgroups.ts';
import { USER_BASE } from './names.ts';

const TOOLS: readonly Tool[] = [
  { name: 'bridge', command: ['bridge', '-V'], package: 'iproute2' },
  { name: 'unshare', command: ['unshare', '--version'], package: 'util-linux' },
  { name: 'nsenter', command: ['nsenter', '--version'], package: 'util-linux' },
  { name: 'split', command: ['split', '--version'], package: 'coreutils' },
  { name: 'bash', command: ['bash', '--version'], package: 'bash' },
];

/** What functions on Linux need besides the data plane, each tried really and gone again. */
export async function functionFeatures(): Promise<readonly PlaneFeature[]> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return [];
  const user = String(USER_BASE);
  const enter = ['setpriv', '--reuid', user, '--regid', user, '--clear-groups', '--', 'unshare', '--user'];
  return [
    ...(await tryTools(TOOLS)),
    await tryFeature(
      'user namespaces',
      () =>
        runTool([
          ...enter,
          '--map-root-user',
          '--mount',
          '--net',
          '--pid',
          '--fork',
          '--mount-proc',
          '--',
          'true',
        ]),
      'allow them: sysctl user.max_user_namespaces=10000, and where it is there kernel.unprivileged_userns_clone=1',
    ),
    await tryFeature(
      'control groups',
      async () => {
        const { controllers } = findCgroups();
        return Object.entries(controllers)
          .map(([name, { version }]) => `${name} v${version}`)
          .join(', ');
      },
      'mount cgroup2 at /sys/fs/cgroup',
    ),
  ];
}
