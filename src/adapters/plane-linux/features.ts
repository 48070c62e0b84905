import type { PlaneFeature } from '../../ports/data-plane.ts';
import { namespaceName, removeNamespaces } from './namespaces.ts';
import { runIn, runTool } from './run-tool.ts';
import type { Tool } from './try-feature.ts';
import { tryFeature, tryTools } from './try-feature.ts';

const TOOLS: readonly Tool[] = [
  { name: 'ip', command: ['ip', '-V'], package: 'iproute2' },
  { name: 'tc', command: ['tc', '-V'], package: 'iproute2' },
  { name: 'ss', command: ['ss', '-V'], package: 'iproute2' },
  { name: 'nft', command: ['nft', '-v'], package: 'nftables' },
  { name: 'hping3', command: ['hping3', '-v'], package: 'hping3' },
  { name: 'setpriv', command: ['setpriv', '--version'], package: 'util-linux' },
  { name: 'sysctl', command: ['sysctl', '--version'], package: 'procps' },
];

/** What the Linux data plane needs, each tried really, in a namespace of its own that is removed again. */
export async function planeFeatures(): Promise<readonly PlaneFeature[]> {
  if (process.platform !== 'linux') {
    return [{ name: 'linux', available: false, detail: `this is ${process.platform}`, mend: 'use the twin' }];
  }
  const root = process.getuid?.() === 0;
  const features: PlaneFeature[] = [
    root
      ? { name: 'root', available: true, detail: 'uid 0' }
      : { name: 'root', available: false, detail: `uid ${process.getuid?.()}`, mend: 'run as root' },
  ];
  features.push(...(await tryTools(TOOLS)));
  if (!root) return features;
  const scratch = namespaceName('doctor');
  const kernel = 'a kernel with it (Linux 5.16 or newer has the nft egress hook), or the twin';
  features.push(
    await tryFeature('network namespaces', () => runTool(['ip', 'netns', 'add', scratch]), kernel),
  );
  try {
    const inside = (command: readonly string[], input?: string) => () => runIn(scratch, command, input);
    features.push(
      await tryFeature(
        'veth',
        inside(['ip', 'link', 'add', 'd0', 'type', 'veth', 'peer', 'name', 'd1']),
        kernel,
      ),
      await tryFeature('bridge', inside(['ip', 'link', 'add', 'b0', 'type', 'bridge']), kernel),
      await tryFeature(
        'htb',
        inside(['tc', 'qdisc', 'add', 'dev', 'd0', 'root', 'handle', '1:', 'htb']),
        kernel,
      ),
      await tryFeature('nft egress hook', inside(['nft', '-f', '-'], EGRESS), kernel),
    );
  } finally {
    await removeNamespaces([scratch]);
  }
  return features;
}

const EGRESS = `table netdev probe {
  chain eg {
    type filter hook egress device "d0" priority 0;
  }
}
`;
