import { noNsd } from '../../core/service-plan/nsd-id.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { PackagesNow } from './service-packages.ts';

/**
 * Whether a service may go over to another NSD: it is that of now, or has its invariant id (ETSI GS NFV-SOL 005, 6.5.3.34).
 * @throws NOT_FOUND for one that is not onboarded.
 */
export async function isVersionOf(
  { nsdId, wanted }: ServiceInstance,
  next: string,
  packages: PackagesNow,
): Promise<boolean> {
  // One that is made of functions is nobody's package.
  if (nsdId === next || !('nsd' in wanted)) return nsdId === next;
  const [was, now] = await Promise.all([packages.nsd(nsdId), packages.nsd(next)]);
  if (now === undefined) throw noNsd(next);
  return was?.invariantId === now.invariantId;
}
