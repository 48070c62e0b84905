import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import type {
  LinuxInfrastructure,
  LinuxInfrastructureOptions,
} from '../../../src/adapters/infrastructure-linux/linux-infrastructure.ts';
import { openLinuxInfrastructure } from '../../../src/adapters/infrastructure-linux/linux-infrastructure.ts';
import { instanceOf } from '../../../src/adapters/infrastructure-linux/names.ts';
import type { UnitOrder } from '../../../src/ports/infrastructure.ts';
import type { ImageTarget } from '../../../src/protocol/site-config.ts';

export const SERVICE = 'demo';
export const SERVER = '10.20.0.10';

/** Four sites with a host each, on this machine; a directory of its own for every test file. */
export function sitesOfTest(name: string) {
  const stateDir = `/run/muster-functions/test-${name}-${process.pid}`;
  const hosts = ['a', 'b', 'c', 'd'].map((each) => ({ name: `host-${each}`, site: `site-${each}` }));
  const open = (
    options: Pick<
      LinuxInfrastructureOptions,
      'healthPeriodMs' | 'circuits' | 'operatorKey' | 'onNotice'
    > = {},
  ) => openLinuxInfrastructure({ stateDir, hosts, ...options });
  return {
    stateDir,
    hosts,
    open,
    left: () => leftOf(stateDir),
    forget: () => rmSync(stateDir, { recursive: true, force: true }),
  };
}

/** What of an instance is still on the machine: namespaces, control groups, processes' directories. */
function leftOf(stateDir: string): readonly string[] {
  const instance = instanceOf(stateDir);
  const groups = readdirSync('/sys/fs/cgroup', { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map((each) => `/sys/fs/cgroup/${each.name}/muster/${instance}`);
  const namespaces = existsSync('/run/netns')
    ? readdirSync('/run/netns').filter((each) => each.includes(instance))
    : [];
  const state = ['units', 'chains', 'run'].map((each) => `${stateDir}/${each}`);
  return [
    ...namespaces,
    ...[`/sys/fs/cgroup/muster/${instance}`, ...groups, ...state].filter((each) => existsSync(each)),
  ];
}

export interface OrderOptions {
  readonly host?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly address?: string;
  readonly interfaces?: UnitOrder['interfaces'];
  readonly cloudInit?: string;
  readonly memoryMib?: number;
  readonly vcpus?: number;
  readonly service?: string;
}

/** An order for one unit; `image` is an entry of the catalogue, or a program. */
export function orderOf(id: string, image: string | ImageTarget, options: OrderOptions = {}): UnitOrder {
  const {
    host = 'host-a',
    parameters = {},
    address,
    interfaces,
    cloudInit,
    memoryMib = 128,
    vcpus = 1,
  } = options;
  const demand = { vcpus, memoryMib, storageGb: 1 };
  return {
    id,
    service: options.service ?? SERVICE,
    unit: { id, member: id, vdu: 'unit', demand, sites: [], affinity: [], antiAffinity: [] },
    host,
    image: typeof image === 'string' ? { catalogue: image } : image,
    interfaces: interfaces ?? [{ name: 'eth0', link: 'data', ...(address === undefined ? {} : { address }) }],
    parameters,
    ...(cloudInit === undefined ? {} : { cloudInit }),
  };
}

export const freshKey = (): string => randomBytes(32).toString('hex');

/** A function of a chain that stamps. */
export interface Stamper {
  readonly name: string;
  readonly image: string;
  readonly host: string;
  readonly key: string;
  readonly parameters?: Readonly<Record<string, string>>;
}

/** `name=key` of each, as parameters have them. */
export const stampList = (stampers: readonly Pick<Stamper, 'name' | 'key'>[]): string =>
  stampers.map(({ name, key }) => `${name}=${key}`).join(',');

/** Orders for functions one after the other with a web server at their end that wants the stamps of all. */
export function stampedOrders(before: readonly Stamper[], web: Stamper): readonly UnitOrder[] {
  const destination = `${SERVER}:80`;
  return [
    ...before.map(({ name, image, host, key, parameters }) =>
      orderOf(name, image, {
        host,
        parameters: { 'stamp-key': `${name}=${key}`, 'stamp-destination': destination, ...parameters },
      }),
    ),
    orderOf(web.name, 'web-server', {
      host: web.host,
      address: SERVER,
      parameters: { 'stamp-key': `${web.name}=${web.key}`, 'stamp-verify': stampList(before) },
    }),
  ];
}

/** A chain through units with one interface each, for HTTP to the server. */
export const chainThrough = (units: readonly string[], id = 'requests') => ({
  id,
  service: SERVICE,
  match: { protocol: 6, destination: SERVER, destinationPort: 80 },
  hops: units.map((unit) => ({ unit, ingress: 'eth0', egress: 'eth0' })),
});

/** Starts all at once; throws with the reason of the first that does not run. */
export async function startAll(
  infrastructure: LinuxInfrastructure,
  orders: readonly UnitOrder[],
): Promise<void> {
  const started = await Promise.all(orders.map((order) => infrastructure.start(order)));
  const failed = started.find(({ state }) => state !== 'running');
  if (failed !== undefined) throw new Error(`${failed.id}: ${failed.reason}`);
}

/** A probe from the unit `client`; what it said. */
export async function probe(
  infrastructure: LinuxInfrastructure,
  stamps: string,
  primitive = 'probe',
): Promise<string> {
  const command = [primitive, `server=${SERVER}:80`, `stamp-verify=${stamps}`];
  const { stdout, stderr } = await infrastructure.exec('client', command, 15_000);
  return (stdout + stderr).trim();
}
