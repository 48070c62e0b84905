import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { CloudInitPlan } from './cloud-init.ts';
import { shellWord } from './cloud-init.ts';
import type { UnitProgram } from './resolve-image.ts';
import type { UnitRecord } from './unit-record.ts';

/** Directories that a unit has for itself, unless something that it runs lies in them. */
const OWN_DIRECTORIES = ['/root', '/home', '/srv', '/mnt'];

/** Settings of the unit's network: no IPv6, quick neighbours, and ports below 1024 without a privilege. */
const SYSCTL: readonly (readonly [path: string, value: string])[] = [
  ['net/ipv6/conf/all/disable_ipv6', '1'],
  ['net/ipv6/conf/default/disable_ipv6', '1'],
  ['net/ipv4/ip_unprivileged_port_start', '0'],
  // Packets of a chain come from where the routing table would not expect them.
  ['net/ipv4/conf/all/rp_filter', '0'],
  ['net/ipv4/conf/default/rp_filter', '0'],
  ['net/ipv4/conf/all/accept_redirects', '0'],
  ['net/ipv4/conf/default/accept_redirects', '0'],
  ['net/ipv4/conf/all/send_redirects', '0'],
  ['net/ipv4/conf/default/send_redirects', '0'],
  // Who asks for somebody that is just being started asks again soon; who had the address before is forgotten.
  ['net/ipv4/neigh/default/retrans_time_ms', '100'],
];

/**
 * Fills the directory of a unit with what it starts from. It belongs to the unit's user from then on, so the owner reads nothing in it
 * without care. Answers why it cannot be started, in words.
 */
export function fillUnitDirectory(
  dir: string,
  { order, user, interfaces }: UnitRecord,
  program: UnitProgram,
  plan: CloudInitPlan,
): { readonly refused: string } | undefined {
  const made: string[] = [];
  const makeDir = (path: string) => {
    if (existsSync(path)) return;
    if (dirname(path) !== path && path !== dir) makeDir(dirname(path));
    mkdirSync(path);
    made.push(path);
  };
  const put = (name: string, content: string | Uint8Array, mode = 0o600) => {
    const path = join(dir, name);
    makeDir(dirname(path));
    writeFileSync(path, content);
    chmodSync(path, mode);
    made.push(path);
  };
  mkdirSync(dir, { mode: 0o700 });
  made.push(dir);
  put(
    'unit.json',
    JSON.stringify({
      id: order.id,
      service: order.service,
      parameters: order.parameters,
      interfaces: interfaces.map(({ name, device, address, prefixLength }) => ({
        name,
        device,
        address,
        prefixLength,
      })),
    }),
  );
  put('hostname', plan.hostname ?? hostnameOf(order.unit.id));
  const notify = interfaces.map(({ device }) => [`net/ipv4/conf/${device}/arp_notify`, '1'] as const);
  put('sysctl', [...SYSCTL, ...notify].map(([path, value]) => `/proc/sys/${path} ${value}\n`).join(''));
  put('network', networkText(interfaces));
  put('notices', plan.warnings.map((each) => `muster: ${each}\n`).join(''));
  plan.commands.forEach((command, index) => {
    put(`run/${String(index + 1).padStart(3, '0')}`, `${command}\n`);
  });
  for (const { name, command } of program.primitives) {
    put(`bin/${name}`, `#!/bin/sh\nexec ${command.map(shellWord).join(' ')} "$@"\n`, 0o700);
  }
  const needed = [dir, process.execPath, ...program.command];
  const own = OWN_DIRECTORIES.filter(
    (top) => existsSync(top) && !needed.some((path) => path === top || path.startsWith(`${top}/`)),
  );
  for (const top of own) makeDir(join(dir, 'own', top.slice(1)));
  const mounts = own.map((top) => `own${top} ${top}\n`);
  for (const [index, file] of plan.files.entries()) {
    const top = own.find((each) => file.path.startsWith(`${each}/`));
    if (file.path.startsWith('/tmp/')) put(file.path.slice(1), file.content, file.mode);
    else if (top !== undefined) put(`own${file.path}`, file.content, file.mode);
    else if (isFile(file.path) && !/\s/.test(file.path)) {
      put(`files/${index}`, file.content, file.mode);
      mounts.push(`files/${index} ${file.path}\n`);
    } else {
      return {
        refused: `cloud-init: ${file.path} cannot be written: only files that the host has, and what is below /tmp, ${own.join(', ')}`,
      };
    }
  }
  put('mounts', mounts.join(''));
  for (const path of made) chownSync(path, user, user);
  return undefined;
}

function networkText(interfaces: UnitRecord['interfaces']): string {
  const lines = interfaces.flatMap(({ device, address, prefixLength }) => [
    `addr add ${address}/${prefixLength} dev ${device}`,
    `link set ${device} up`,
  ]);
  const [first] = interfaces;
  // Whoever is not in the network of an interface is asked for on the first one: addresses that a descriptor gives need share none.
  const elsewhere = first === undefined ? [] : [`route add default dev ${first.device}`];
  return `${['link set lo up', ...lines, ...elsewhere].join('\n')}\n`;
}

const hostnameOf = (id: string): string =>
  id
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63) || 'unit';

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
