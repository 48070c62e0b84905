import { suggestName } from './nearest-name.ts';
import type { Finding, ProblemPath } from './problem.ts';
import type { Items, ScenarioView } from './scenario-view.ts';

/** Goal types that agents auction as roles: a fault names one of them in `holderOf`. */
export const AUCTIONED_GOALS = [
  'linkRateLimited',
  'targetRateLimited',
  'sourcesBlocked',
  'anomalousUsage',
  'maliciousSources',
] as const;

/** Every name that an entry mentions must be the name of something in the file. */
export function checkReferences(view: ScenarioView): Finding[] {
  const findings: Finding[] = [];
  const switches = known(view, view.switches, (one) => one, 'a switch');
  const hosts = known(view, view.hosts, (one) => one.name, 'a host');
  const accessPoints = known(view, view.accessPoints, (one) => one.name, 'an access point');
  const servers = known(
    view,
    { ...view.functions, items: view.functions.items.filter((one) => one.value.kind === 'web-server') },
    (one) => one.name,
    'a web-server function',
  );
  const refer = (names: Known, name: string, path: ProblemPath): void => {
    if (!names.whole || names.names.includes(name) || view.brokenNames.has(name)) return;
    const message = `there is no ${names.what.replace(/^an? /, '')} \`${name}\``;
    findings.push({ path, at: 'value', message, mend: suggestName(name, names.names, names.what) });
  };
  for (const { path, value } of view.trunks.items) {
    refer(switches, value.from, [...path, 'from']);
    refer(switches, value.to, [...path, 'to']);
  }
  for (const { path, value } of [...view.hosts.items, ...view.accessPoints.items]) {
    refer(switches, value.switch, [...path, 'switch']);
  }
  for (const { path, value } of [...view.users.items, ...view.attacks.items]) {
    refer(servers, value.target, [...path, 'target']);
    value.at.forEach((name, index) => {
      refer(accessPoints, name, [...path, 'at', index]);
    });
  }
  const agentOf = new Map<string, string>();
  for (const { path, value } of view.agents?.items ?? []) {
    refer(hosts, value.host, [...path, 'host']);
    const other = agentOf.get(value.host);
    if (other !== undefined) {
      const message = `\`${value.host}\` is already looked after by the agent \`${other}\``;
      findings.push({
        path: [...path, 'host'],
        at: 'value',
        message,
        mend: 'give each agent a host of its own',
      });
    }
    agentOf.set(value.host, value.name);
  }
  for (const { path, value } of view.faults.items) {
    const goals: readonly string[] = AUCTIONED_GOALS;
    if (goals.includes(value.holderOf)) continue;
    const message = `\`${value.holderOf}\` is not a goal that agents auction`;
    findings.push({
      path: [...path, 'holderOf'],
      at: 'value',
      message,
      mend: suggestName(value.holderOf, goals, 'one of'),
    });
  }
  (view.expect.targets ?? []).forEach((name, index) => {
    refer(servers, name, ['expect', 'targets', index]);
  });
  return findings;
}

interface Known {
  readonly names: readonly string[];
  readonly whole: boolean;
  readonly what: string;
}

function known<T>(view: ScenarioView, list: Items<T>, nameOf: (value: T) => string, what: string): Known {
  // With no entry readable the list itself is to blame, not those who refer to it.
  const whole = list.whole || (list.items.length > 0 && view.brokenNames.size > 0);
  return { names: list.items.map((item) => nameOf(item.value)), whole, what };
}
