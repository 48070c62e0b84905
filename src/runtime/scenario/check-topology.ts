import type { Finding } from './problem.ts';
import type { ScenarioView } from './scenario-view.ts';

/** Addresses that a data plane can give out: one /16, its network and broadcast address apart. */
export const ADDRESS_SPACE = 65_534;

/** The switches form one tree (a loop of bridges would send frames round for ever), and all addresses fit. */
export function checkTopology(view: ScenarioView): Finding[] {
  const findings: Finding[] = [];
  const root = new Map<string, string>();
  const rootOf = (name: string): string => {
    let at = name;
    for (let up = root.get(at); up !== undefined && up !== at; up = root.get(at)) at = up;
    return at;
  };
  for (const { value } of view.switches.items) root.set(value, value);
  for (const { path, value } of view.trunks.items) {
    if (value.from === value.to) {
      const message = `the trunk goes from \`${value.from}\` to itself`;
      findings.push({
        path: [...path, 'to'],
        at: 'value',
        message,
        mend: 'name two different switches, or remove the trunk',
      });
      continue;
    }
    if (!root.has(value.from) || !root.has(value.to)) continue;
    const [a, b] = [rootOf(value.from), rootOf(value.to)];
    if (a === b) {
      const message = `the trunk closes a loop: \`${value.from}\` and \`${value.to}\` are connected already`;
      findings.push({
        path,
        at: 'value',
        message,
        mend: 'remove it: frames would go round the loop for ever',
      });
    } else root.set(b, a);
  }
  const parts = new Map<string, string[]>();
  for (const { value } of view.switches.items)
    parts.set(rootOf(value), [...(parts.get(rootOf(value)) ?? []), value]);
  if (parts.size > 1 && view.trunks.whole && view.switches.whole) {
    const [main, ...others] = [...parts.values()].sort((a, b) => b.length - a.length);
    for (const other of others) {
      const name = other[0] ?? '';
      const index = view.switches.items.findIndex((item) => item.value === name);
      const message = `no trunk connects ${other.map((one) => `\`${one}\``).join(', ')} with the other switches`;
      const mend = `add a trunk, e.g. { from: ${main?.[0] ?? ''}, to: ${name} }`;
      findings.push({
        path: view.switches.items[index]?.path ?? ['topology', 'switches'],
        at: 'value',
        message,
        mend,
      });
    }
  }
  const users = view.users.items.reduce((sum, item) => sum + item.value.count, 0);
  const attackers = view.attacks.items.reduce((sum, item) => sum + item.value.ratesPps.length, 0);
  const addresses = view.hosts.items.length + users + attackers;
  if (addresses > ADDRESS_SPACE) {
    const largest = view.users.items.reduce(
      (a, b) => (b.value.count > a.value.count ? b : a),
      view.users.items[0] ?? { path: ['users'], value: { count: 0 } },
    );
    const message = `${addresses} hosts, users and attackers need an address each, and there are ${ADDRESS_SPACE}`;
    findings.push({
      path: [...largest.path, 'count'],
      at: 'value',
      message,
      mend: `lower the counts by ${addresses - ADDRESS_SPACE}`,
    });
  }
  return findings;
}
