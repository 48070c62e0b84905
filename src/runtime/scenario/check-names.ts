import type { Finding } from './problem.ts';
import { pathText } from './problem.ts';
import type { Item, ScenarioView } from './scenario-view.ts';

/** Names that are used twice where each must be unique. */
export function checkNames(view: ScenarioView): Finding[] {
  const nodes = [
    ...view.switches.items.map((item) => named(item, item.value, 'value')),
    ...[...view.hosts.items, ...view.accessPoints.items].map((item) => named(item, item.value.name)),
  ];
  const people = [...view.users.items, ...view.attacks.items].map((item) => named(item, item.value.name));
  return [
    ...repeated(nodes, 'a switch, host or access point'),
    ...repeated(
      view.functions.items.map((item) => named(item, item.value.name)),
      'a function',
    ),
    ...repeated(
      (view.agents?.items ?? []).map((item) => named(item, item.value.name)),
      'an agent',
    ),
    ...repeated(people, 'a group of users or an attack'),
  ];
}

interface Named {
  readonly name: string;
  readonly path: Finding['path'];
}

function named(item: Item<unknown>, name: string, at: 'name' | 'value' = 'name'): Named {
  return { name, path: at === 'name' ? [...item.path, 'name'] : item.path };
}

function repeated(names: readonly Named[], what: string): Finding[] {
  const taken = new Set(names.map((one) => one.name));
  const first = new Map<string, Named>();
  const findings: Finding[] = [];
  for (const one of names) {
    const earlier = first.get(one.name);
    if (earlier === undefined) {
      first.set(one.name, one);
      continue;
    }
    let number = 2;
    while (taken.has(`${one.name}-${number}`)) number += 1;
    taken.add(`${one.name}-${number}`);
    findings.push({
      path: one.path,
      at: 'value',
      message: `\`${one.name}\` is already the name of ${what} (${pathText(earlier.path)})`,
      mend: `give it a name of its own, e.g. \`${one.name}-${number}\``,
    });
  }
  return findings;
}
