import { runTool } from '../plane-linux/run-tool.ts';

/** Through which devices a unit takes part in chains; both may be the same. */
export interface HopDevices {
  readonly ingress: string;
  readonly egress: string;
}

/** Preference of our rules in a unit's namespace, and number of the first of their tables. */
const FIRST = 1000;
const MOST = 32;

/**
 * Lets a unit pass on what chains bring it: in at one device and out at the other, both ways. Neighbours at either side are asked for as if
 * they were at the other, so nobody needs to know the way. A device that no chain uses any more passes nothing on.
 */
export async function routeHops(
  pid: number,
  devices: readonly string[],
  hops: readonly HopDevices[],
): Promise<void> {
  const used = new Set(hops.flatMap(({ ingress, egress }) => [ingress, egress]));
  const across = hops.filter(({ ingress, egress }) => ingress !== egress);
  const crossing = new Set(across.flatMap(({ ingress, egress }) => [ingress, egress]));
  const outOf = new Map<string, string>();
  for (const { ingress, egress } of across) {
    if (!outOf.has(ingress)) outOf.set(ingress, egress);
    if (!outOf.has(egress)) outOf.set(egress, ingress);
  }
  const settings = devices.flatMap((device) => [
    `echo ${used.has(device) ? 1 : 0} >/proc/sys/net/ipv4/conf/${device}/forwarding`,
    `echo ${crossing.has(device) ? 1 : 0} >/proc/sys/net/ipv4/conf/${device}/proxy_arp`,
  ]);
  const stale = Array.from({ length: MOST }, (_, index) => `rule del pref ${FIRST + index}`);
  const rules = [...outOf].slice(0, MOST / 2).flatMap(([from, to], index) => [
    // What the unit is joined to itself comes first; the rest goes out at the other side.
    `rule add pref ${FIRST + 2 * index} iif ${from} lookup main suppress_prefixlength 0`,
    `rule add pref ${FIRST + 2 * index + 1} iif ${from} lookup ${FIRST + index}`,
    `route replace default dev ${to} table ${FIRST + index}`,
  ]);
  const text = [
    ...settings,
    ...(rules.length === 0 ? [] : [`ip -force -batch - 2>/dev/null <<'END' || :`, ...stale, 'END']),
    ...(rules.length === 0 ? [] : [`ip -batch - <<'END'`, ...rules, 'END']),
  ];
  await runTool(['nsenter', '--target', String(pid), '--net', 'sh', '-e'], `${text.join('\n')}\n`);
}
