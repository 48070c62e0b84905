import { planeFeatures } from '../adapters/plane-linux/features.ts';
import type { PlaneFeature } from '../ports/data-plane.ts';

/** What this machine has of what Muster can use. */
export async function doctor(): Promise<readonly PlaneFeature[]> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 19);
  return [
    {
      name: 'node',
      available: recent,
      detail: `Node.js ${process.version}${major < 22 ? '; Node 20 has had its last release, 24 is better' : ''}`,
      ...(recent ? {} : { mend: 'install Node.js 20.19 or newer' }),
    },
    { name: 'data plane: twin', available: true, detail: 'deterministic simulation, needs nothing' },
    ...(await planeFeatures()).map((each) => ({ ...each, name: `linux: ${each.name}` })),
  ];
}
