import { suggestName } from '../../core/problems/nearest-name.ts';
import type { Finding } from '../../core/problems/problem.ts';
import { showText } from '../../core/problems/problem.ts';
import type { FunctionSpec, HostSpec } from '../../protocol/scenario.ts';
import { type Item, nameOf, type ScenarioView, textIn } from './scenario-view.ts';
import { childOf } from './schema-shape.ts';

/** The schema allows no more; a longer list is refused as such. */
const MOST_FUNCTIONS = 200;

/** Some host can take each function, all of them together fit, and every link that may be watched has a capacity. */
export function checkPlacement(view: ScenarioView): Finding[] {
  const findings = watchFindings(view);
  // What fits cannot be told while a host or an agent is not understood.
  if (!view.hosts.whole || view.hosts.items.length === 0 || view.agents?.whole === false) return findings;
  for (const item of view.functions.items.slice(0, MOST_FUNCTIONS)) {
    if (hostsFor(view, item.value).length === 0) findings.push(noHost(view, item));
  }
  return findings.concat(serversApart(view), together(view));
}

/** What a host has left for functions of ours. */
export function freeOf(host: HostSpec): { readonly cpu: number; readonly memoryGb: number } {
  return { cpu: host.cpu - host.background.cpu, memoryGb: host.memoryGb - host.background.memoryGb };
}

/** Hosts that are large enough for a function, and whose agent knows how to run it. */
export function hostsFor(view: ScenarioView, spec: FunctionSpec): Item<HostSpec>[] {
  const able = hostsOfAble(view, spec);
  return view.hosts.items.filter(({ value }) => {
    const free = freeOf(value);
    return free.cpu >= spec.cpu && free.memoryGb >= spec.memoryGb && (able?.has(value.name) ?? true);
  });
}

/** Hosts of agents that know how to run a function; undefined: all are. */
function hostsOfAble({ agents }: ScenarioView, spec: FunctionSpec): ReadonlySet<string> | undefined {
  if (agents === undefined) return undefined;
  const able = agents.items.filter(({ value }) => value.capabilities.includes(spec.kind));
  return new Set(able.map(({ value }) => value.host));
}

function noHost(view: ScenarioView, { path, value }: Item<FunctionSpec>): Finding {
  const hosts = view.hosts.items.map((item) => item.value);
  const knowing = hostsOfAble(view, value);
  const able = hosts.filter((host) => knowing?.has(host.name) ?? true);
  if (hosts.length > 0 && able.length === 0) {
    const message = `no agent knows how to run \`${value.name}\`: none has the capability \`${value.kind}\``;
    return { path, at: 'value', message, mend: `add \`${value.kind}\` to the capabilities of an agent` };
  }
  const roomiest = able.reduce<HostSpec | undefined>((best, host) => {
    if (best === undefined) return host;
    return Math.min(freeOf(host).cpu / value.cpu, freeOf(host).memoryGb / value.memoryGb) >
      Math.min(freeOf(best).cpu / value.cpu, freeOf(best).memoryGb / value.memoryGb)
      ? host
      : best;
  }, undefined);
  const need = `${value.cpu} CPU and ${value.memoryGb} GiB`;
  const room =
    roomiest === undefined
      ? ''
      : `: the roomiest, \`${roomiest.name}\`, has ${round(freeOf(roomiest).cpu)} CPU and ${round(freeOf(roomiest).memoryGb)} GiB free`;
  const message = `no host can take \`${value.name}\`, which needs ${need}${room}`;
  const shortOfCpu = roomiest !== undefined && freeOf(roomiest).cpu < value.cpu;
  return {
    path: [...path, shortOfCpu ? 'cpu' : 'memoryGb'],
    at: 'value',
    message,
    mend: 'ask for less, or make a host larger',
  };
}

function watchFindings(view: ScenarioView): Finding[] {
  return view.lists.functions.flatMap((entry): Finding[] => {
    const watch = textIn(entry, 'watch');
    if (textIn(entry, 'kind') !== 'link-monitor' || watch === undefined) return [];
    const at = { path: [...entry.path, 'watch'], at: 'value' } as const;
    if (watch.includes('>')) return trunkFindings(view, watch, at);
    const names = view.lists.functions.flatMap((one) => nameOf(one) ?? []);
    if (!names.includes(watch)) {
      const servers = view.lists.functions.filter((one) => textIn(one, 'kind') !== 'link-monitor');
      const message = `there is no function \`${showText(watch)}\` whose link could be watched`;
      const mend = suggestName(
        watch,
        servers.flatMap((one) => nameOf(one) ?? []),
        'a function, or a trunk as from>to',
      );
      return [{ ...at, message, mend }];
    }
    const watched = view.functions.items.find((one) => one.value.name === watch);
    const open = watched === undefined ? [] : hostsFor(view, watched.value);
    return open
      .filter((host) => host.value.capacityBytesPerSec === undefined)
      .map((host) => {
        const message = `the link to \`${host.value.name}\` has no capacity, so it could not be watched if \`${watch}\` were placed there`;
        return { path: host.path, at: 'value', message, mend: 'add `capacityBytesPerSec` to the host' };
      });
  });
}

function trunkFindings(view: ScenarioView, watch: string, at: Pick<Finding, 'path' | 'at'>): Finding[] {
  const links = view.lists.trunks.map((entry) => {
    const [from, to] = [textIn(entry, 'from') ?? '', textIn(entry, 'to') ?? ''];
    return { entry, name: `${from}>${to}`, back: `${to}>${from}` };
  });
  const trunk = links.find((link) => link.name === watch);
  const back = links.find((link) => link.back === watch);
  if (trunk === undefined && back !== undefined) {
    const message = `the trunk is declared as \`${back.name}\`: its capacity counts in that direction alone`;
    return [{ ...at, message, mend: `watch \`${back.name}\`, or turn the trunk round` }];
  }
  if (trunk === undefined) {
    const mend = suggestName(
      watch,
      links.map((link) => link.name),
      'a trunk',
    );
    return [{ ...at, message: `there is no trunk \`${showText(watch)}\``, mend }];
  }
  if (childOf(trunk.entry.raw, 'capacityBytesPerSec') !== undefined) return [];
  const message = `the watched trunk \`${watch}\` has no capacity`;
  return [{ path: trunk.entry.path, at: 'value', message, mend: 'add `capacityBytesPerSec` to the trunk' }];
}

/** Web servers share no host: each answers on the host's one address. Found by augmenting paths (bipartite matching). */
function serversApart(view: ScenarioView): Finding[] {
  if (view.functions.items.length > MOST_FUNCTIONS) return [];
  const servers = view.functions.items
    .filter((item) => item.value.kind === 'web-server')
    .map((item) => ({ item, hosts: hostsFor(view, item.value).map((host) => host.value.name) }))
    .filter((server) => server.hosts.length > 0);
  type Server = (typeof servers)[number];
  const serverOn = new Map<string, Server>();
  const assign = (server: Server, tried: Set<string>): boolean =>
    server.hosts.some((host) => {
      if (tried.has(host)) return false;
      tried.add(host);
      const holder = serverOn.get(host);
      if (holder !== undefined && !assign(holder, tried)) return false;
      serverOn.set(host, server);
      return true;
    });
  return servers
    .filter((server) => !assign(server, new Set()))
    .map(({ item }) => ({
      path: item.path,
      at: 'value',
      message: `no host is left for \`${item.value.name}\`: each web server needs one of its own`,
      mend: 'add a host that is large enough, or remove a web server',
    }));
}

function together(view: ScenarioView): Finding[] {
  const findings: Finding[] = [];
  for (const [key, unit] of [
    ['cpu', 'CPU'],
    ['memoryGb', 'GiB'],
  ] as const) {
    const need = view.functions.items.reduce((sum, item) => sum + item.value[key], 0);
    const free = view.hosts.items.reduce((sum, item) => sum + Math.max(0, freeOf(item.value)[key]), 0);
    if (need <= free || view.hosts.items.length === 0) continue;
    const message = `the functions together need ${round(need)} ${unit}, and all hosts have ${round(free)} free`;
    findings.push({ path: ['functions'], at: 'key', message, mend: 'add hosts, or ask for less' });
  }
  return findings;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
