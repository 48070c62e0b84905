import { MusterError } from '../../protocol/errors.ts';
import { runIn } from '../plane-linux/run-tool.ts';
import type { VxlanSite } from './site-addresses.ts';

/** Headers of IPv4 and ICMP, bytes. */
const HEADERS = 28;
const MOST_TRIES = 3;

/**
 * Sends a packet of the whole MTU that must not be fragmented from each site to the next, and around: every link is gone both ways. What is
 * one byte longer must not pass, else the packet would have been cut up on its way.
 * @throws PLANE_FAILED, with the sites between which it did not come through.
 */
export async function proveMtu(sites: readonly VxlanSite[], mtu: number): Promise<void> {
  if (sites.length < 2) return;
  await Promise.all(
    sites.map(async (from, index) => {
      const to = sites[(index + 1) % sites.length] ?? from;
      if (await passes(from, to, mtu)) return;
      throw new MusterError(
        'PLANE_FAILED',
        `packets of ${mtu} bytes do not come from ${from.site} to ${to.site} unfragmented`,
        { hint: `ip -n ${from.namespace} -s link` },
      );
    }),
  );
}

/** Whether one of that many bytes, with the order not to fragment it, is answered. */
async function passes(from: VxlanSite, to: VxlanSite, bytes: number): Promise<boolean> {
  const data = String(bytes - HEADERS);
  const command = ['hping3', '--icmp', '--dontfrag', '-q', '-n', '-c', '1', '-d', data, to.addresses.inner];
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    // It ends with 1 when nothing has come back.
    const answered = await runIn(from.namespace, command).then(
      () => true,
      () => false,
    );
    if (answered) return true;
  }
  return false;
}
