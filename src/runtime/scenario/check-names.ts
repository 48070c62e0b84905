import type { Finding, ProblemPath } from '../../core/problems/problem.ts';
import { pathText, showText } from '../../core/problems/problem.ts';
import { type Entry, nameOf, type ScenarioView } from './scenario-view.ts';

/** What the runtime itself has done stands under this name in the journal. */
const RESERVED = 'muster';

/** Names that are used twice where each must be unique, or by an agent although the runtime has them. */
export function checkNames({ lists }: ScenarioView): Finding[] {
  const { switches, hosts, accessPoints, functions, agents, users, attacks } = lists;
  return [
    ...repeated([...switches, ...hosts, ...accessPoints]),
    ...repeated(functions),
    ...repeated(agents),
    ...repeated([...users, ...attacks]),
    ...reserved(agents),
  ];
}

function reserved(agents: readonly Entry[]): Finding[] {
  return agents
    .filter((each) => nameOf(each) === RESERVED)
    .map(({ path }) => ({
      path: [...path, 'name'],
      at: 'value',
      message: `no agent may be called \`${RESERVED}\`: what the runtime does stands in the journal under that name`,
      mend: `give it another, e.g. \`${RESERVED}-1\``,
    }));
}

function repeated(entries: readonly Entry[]): Finding[] {
  const taken = new Set(entries.map(nameOf));
  const first = new Map<string, ProblemPath>();
  const findings: Finding[] = [];
  for (const entry of entries) {
    const name = nameOf(entry);
    if (name === undefined) continue;
    const path = typeof entry.raw === 'string' ? entry.path : [...entry.path, 'name'];
    const earlier = first.get(name);
    if (earlier === undefined) {
      first.set(name, path);
      continue;
    }
    let number = 2;
    while (taken.has(`${name}-${number}`)) number += 1;
    taken.add(`${name}-${number}`);
    const message = `the name \`${showText(name)}\` is taken already, by ${pathText(earlier)}`;
    findings.push({
      path,
      at: 'value',
      message,
      mend: `give it a name of its own, e.g. \`${showText(name)}-${number}\``,
    });
  }
  return findings;
}
