import type { Finding } from '../../core/problems/problem.ts';
import { showText } from '../../core/problems/problem.ts';
import { type Entry, nameOf, numberIn, type ScenarioView, textIn } from './scenario-view.ts';
import { childOf } from './schema-shape.ts';

/** Addresses that a data plane can give out: one /16, its network and broadcast address apart. */
export const ADDRESS_SPACE = 65_534;

/** The switches form one tree (a loop of bridges would send frames round for ever), and all addresses fit. */
export function checkTopology(view: ScenarioView): Finding[] {
  const { switches, trunks } = view.lists;
  const root = new Map<string, string>();
  const rootOf = (name: string): string => {
    let at = name;
    for (let up = root.get(at); up !== undefined && up !== at; up = root.get(at)) at = up;
    return at;
  };
  for (const name of switches.map(nameOf)) if (name !== undefined) root.set(name, name);
  const findings = trunks.flatMap((entry): Finding[] => {
    const [from, to] = [textIn(entry, 'from'), textIn(entry, 'to')];
    if (from === undefined || to === undefined) return [];
    if (from === to) {
      const message = `the trunk goes from \`${showText(from)}\` to itself`;
      const mend = 'name two different switches, or remove the trunk';
      return [{ path: [...entry.path, 'to'], at: 'value', message, mend }];
    }
    if (!root.has(from) || !root.has(to)) return [];
    const [a, b] = [rootOf(from), rootOf(to)];
    if (a !== b) {
      root.set(b, a);
      return [];
    }
    const message = `the trunk closes a loop: \`${showText(from)}\` and \`${showText(to)}\` are connected already`;
    return [
      { path: entry.path, at: 'value', message, mend: 'remove it: frames would go round the loop for ever' },
    ];
  });
  const isReadable = trunks.every(
    (entry) => root.has(textIn(entry, 'from') ?? '') && root.has(textIn(entry, 'to') ?? ''),
  );
  return [...findings, ...(isReadable ? apart(switches, rootOf) : []), ...tooManyAddresses(view)];
}

function apart(switches: readonly Entry[], rootOf: (name: string) => string): Finding[] {
  const parts = new Map<string, Entry[]>();
  for (const entry of switches) {
    const name = nameOf(entry);
    if (name !== undefined) push(parts, rootOf(name), entry);
  }
  const [main, ...others] = [...parts.values()].sort((a, b) => b.length - a.length);
  const hub = main?.[0] === undefined ? '' : (nameOf(main[0]) ?? '');
  return others.flatMap((other): Finding[] => {
    const first = other[0];
    if (first === undefined) return [];
    const names = other.map((entry) => `\`${showText(nameOf(entry) ?? '')}\``).join(', ');
    const message = `no trunk connects ${showText(names, 120)} with the other switches`;
    const mend = `add a trunk, e.g. { from: ${showText(hub)}, to: ${showText(nameOf(first) ?? '')} }`;
    return [{ path: first.path, at: 'value', message, mend }];
  });
}

function tooManyAddresses({ lists }: ScenarioView): Finding[] {
  const counts = lists.users.map((entry) => Math.max(0, numberIn(entry, 'count') ?? 0));
  const attackers = lists.attacks.reduce((sum, entry) => {
    const rates = childOf(entry.raw, 'ratesPps');
    return sum + (Array.isArray(rates) ? rates.length : 0);
  }, 0);
  const addresses = lists.hosts.length + attackers + counts.reduce((sum, one) => sum + one, 0);
  if (addresses <= ADDRESS_SPACE) return [];
  const largest = lists.users[counts.indexOf(Math.max(...counts))];
  const path = largest === undefined ? ['users'] : [...largest.path, 'count'];
  const message = `${addresses} hosts, users and attackers need an address each, and there are ${ADDRESS_SPACE}`;
  return [{ path, at: 'value', message, mend: `lower the counts by ${addresses - ADDRESS_SPACE}` }];
}

function push(parts: Map<string, Entry[]>, key: string, entry: Entry): void {
  const held = parts.get(key);
  if (held === undefined) parts.set(key, [entry]);
  else held.push(entry);
}
