import { functionFeatures } from '../adapters/infrastructure-linux/features.ts';
import { planeFeatures } from '../adapters/plane-linux/features.ts';
import { leftoverNamespaces, sweepLeftovers } from '../adapters/plane-linux/namespaces.ts';
import { siteVxlanFeatures } from '../adapters/site-vxlan/features.ts';
import type { PlaneFeature } from '../ports/data-plane.ts';
import { MusterError } from '../protocol/errors.ts';
import { tracing } from './tracing.ts';

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
    ...(await siteVxlanFeatures()).map((each) => ({ ...each, name: `sites: ${each.name}` })),
    ...(await functionFeatures()).map((each) => ({ ...each, name: `functions: ${each.name}` })),
    ...(process.platform === 'linux' ? [leftovers(), tracing()] : []),
  ];
}

/** What runs that were killed have left of their networks. */
function leftovers(): PlaneFeature {
  const left = leftoverNamespaces();
  const name = 'linux: clean';
  if (left.length === 0) return { name, available: true, detail: 'no killed run has left a namespace' };
  const detail = `${left.length} ${left.length === 1 ? 'namespace' : 'namespaces'} of runs that were killed: ${left[0]}${left.length > 1 ? ', ...' : ''}`;
  return { name, available: false, detail, mend: 'as root: bin/muster doctor --clean' };
}

/**
 * Removes the namespaces that killed runs have left, with what still lives in them; nothing of others and nothing of runs that
 * are going on. Answers the names of those that are gone.
 * @throws NEEDS_ROOT; PLANE_FAILED when some could not be removed.
 */
export async function cleanUp(): Promise<readonly string[]> {
  if (process.platform !== 'linux') return [];
  if (leftoverNamespaces().length === 0) return [];
  if (process.getuid?.() !== 0) {
    throw new MusterError('NEEDS_ROOT', 'only root can remove namespaces', {
      hint: 'sudo bin/muster doctor --clean',
    });
  }
  const swept = await sweepLeftovers();
  const still = leftoverNamespaces().filter((name) => swept.includes(name));
  if (still.length > 0) {
    throw new MusterError('PLANE_FAILED', `could not remove ${still.join(', ')}`, {
      hint: `ip netns delete ${still[0]}`,
    });
  }
  return swept;
}
