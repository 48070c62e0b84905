import type { UnitUsage } from '../../ports/infrastructure.ts';
import type { Store } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { AgentSpec } from '../../protocol/scenario.ts';
import type { ServiceInstance } from '../../protocol/service-record.ts';
import type { SiteConfig } from '../../protocol/site-config.ts';
import type { Substrate } from '../../protocol/substrate.ts';
import { readServices } from '../services/service-records.ts';
import type { SitesFork } from './fork.ts';

/** All that is taken, in bytes: more would be too much for a process beside what is up. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Files of packages that services read while they run are descriptors and cloud-init. */
const READ_LATER = /\.ya?ml$|\.json$|cloud_init\//;
const LARGEST_FILE = 1024 * 1024;
/** What one who looks at pages sends, about: with it people are counted from traffic. */
const PERSON_BYTES_PER_SEC = 5000;
const USUAL_PEOPLE = 10;
const MOST_PEOPLE = 200;
/** Less is what an idle unit takes by itself. */
const BUSY_VCPUS = 0.02;

/** What a network with sites is made of, as far as it can be forked. */
export interface Forkable {
  readonly substrate: Substrate;
  readonly site: SiteConfig;
  readonly services: Pick<Store, 'view'>;
  readonly packages: Pick<Store, 'view'>;
  /** All that are attested now. */
  agents(): readonly AgentSpec[];
  lost(): readonly { readonly site: string; readonly sinceMs: number }[];
  /** What units use, per second; empty: it cannot be measured. */
  rates(): Promise<readonly UnitRate[]>;
}

export interface UnitRate {
  readonly id: string;
  readonly busyVcpus: number;
  readonly receivedBytesPerSec: number;
}

/** What units have used between two readings. */
export function ratesBetween(
  before: readonly UnitUsage[],
  after: readonly UnitUsage[],
  forMs: number,
): readonly UnitRate[] {
  const earlier = new Map(before.map((each) => [each.id, each]));
  return after.flatMap(({ id, cpuSeconds, receivedBytes }) => {
    const was = earlier.get(id);
    if (was === undefined || forMs <= 0) return [];
    return [
      {
        id,
        busyVcpus: Math.max(0, ((cpuSeconds - was.cpuSeconds) * 1000) / forMs),
        receivedBytesPerSec: Math.max(0, ((receivedBytes - was.receivedBytes) * 1000) / forMs),
      },
    ];
  });
}

/** Takes a picture of sites and services. It only reads. @throws NOT_SUPPORTED when there is too much. */
export async function takeFork(from: Forkable, nowMs: number): Promise<SitesFork> {
  const { substrate, site } = from;
  const rates = await from.rates();
  const serviceView = await from.services.view();
  const records = await readServices(serviceView);
  // Who is told, and who began what, is nobody's business there.
  const kept = ['service/', 'name/', 'operation/', 'removed/'].flatMap((each) => serviceView.keys(each));
  const [services, packages] = [
    await copy(serviceView, kept, () => true),
    await packagesFrom(await from.packages.view()),
  ];
  const hosts = new Set<string>(substrate.hosts.map(({ name }) => name));
  const all = from.agents().filter(({ service }) => service !== undefined);
  const agents = all.filter(({ host }) => hosts.has(host));
  const demand = records.map((service) => demandOf(service, rates));
  const run = records.flatMap(({ shape }) => shape.units).filter(({ state }) => state === 'running');
  const measured = demand.filter((each) => each.measured).length;
  const lost = from.lost().flatMap(({ site: name, sinceMs }) => {
    const known = substrate.sites.find((each) => each === name);
    return known === undefined ? [] : [{ site: known, sinceMs }];
  });
  const taken = [
    `${substrate.sites.length} sites with ${substrate.hosts.length} hosts and ${substrate.links.length} links${lost.length === 0 ? '' : `, of which ${lost.map((each) => each.site).join(', ')} is silent`}`,
    `${records.length} services with what is booked for them, and ${run.length} running units where they run`,
    `operations, cooldowns and settings of healing, scaling and migration`,
    `${substrate.sites.length} agents that keep the books, ${agents.length} agents of services`,
    ...unwatched(records, agents),
    ...(measured === 0 ? [] : [`of ${measured} services how much is asked for, as it was measured`]),
  ];
  const assumed = [
    'each agent is begun anew with its book as it stands: what else it believed is not known to others',
    'a unit starts within 200 ms, as in the twin',
    'people look at pages, at the last function that flows are led to; a way takes no time in the twin',
    ...(measured === records.length
      ? []
      : [
          `of ${records.length - measured} services nothing was measured: half of the stated traffic, or ${USUAL_PEOPLE} people where none is stated`,
        ]),
    ...(all.length === agents.length
      ? []
      : [`${all.length - agents.length} agents are at hosts that are no hosts of sites: they are left out`]),
  ];
  return {
    kind: 'sites',
    takenAtMs: nowMs,
    substrate,
    lost,
    site,
    agents,
    services,
    packages,
    demand: demand.map(({ service, people, busyVcpus }) => ({ service, people, busyVcpus })),
    taken,
    assumed,
  };
}

/** Services whose links no agent looks after: an attack on them is seen by nobody, there as here. */
function unwatched(services: readonly ServiceInstance[], agents: readonly AgentSpec[]): readonly string[] {
  const names = services
    .map(({ name }) => name)
    .filter((name) => !agents.some(({ service }) => service === name))
    .slice(0, 20);
  if (names.length === 0) return [];
  return [`no agent looks after the links of ${names.join(', ')}: an attack there is seen by nobody`];
}

function demandOf({ id, shape, wanted }: ServiceInstance, rates: readonly UnitRate[]) {
  const own = new Set(shape.units.map((unit) => unit.id));
  const there = rates.filter((each) => own.has(each.id));
  const busyVcpus = there.reduce((sum, each) => sum + each.busyVcpus, 0);
  const received = Math.max(0, ...there.map((each) => each.receivedBytesPerSec));
  const measured = busyVcpus > BUSY_VCPUS || received > PERSON_BYTES_PER_SEC;
  const stated = Math.max(0, ...Object.values(wanted.traffic ?? {}).map((each) => each.bytesPerSec ?? 0));
  const bytes = measured ? received : stated / 2;
  const people = bytes === 0 ? USUAL_PEOPLE : Math.ceil(bytes / PERSON_BYTES_PER_SEC);
  return {
    service: id,
    measured,
    people: Math.min(MOST_PEOPLE, Math.max(1, people)),
    busyVcpus: measured ? busyVcpus : 0,
  };
}

type View = Awaited<ReturnType<Store['view']>>;

async function packagesFrom(view: View): Promise<SitesFork['packages']> {
  const keys = view.keys('').filter((key) => !key.startsWith('file/') || READ_LATER.test(key));
  return copy(view, keys, (key, value) => !key.startsWith('file/') || value.length <= LARGEST_FILE);
}

async function copy(
  view: View,
  keys: readonly string[],
  wanted: (key: string, value: Uint8Array) => boolean,
): Promise<[string, string][]> {
  const entries: [string, string][] = [];
  let bytes = 0;
  for (const key of keys) {
    const value = await view.get(key);
    if (value === undefined || !wanted(key, value)) continue;
    bytes += value.length;
    if (bytes > MOST_BYTES) {
      throw new MusterError('NOT_SUPPORTED', 'services and packages are too much to be forked', {
        hint: 'delete packages that nobody uses: muster package list',
      });
    }
    entries.push([key, Buffer.from(value).toString('base64')]);
  }
  return entries;
}
