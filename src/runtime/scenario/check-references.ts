import {
  anomalousUsage,
  blocksCarriedOut,
  linkRateLimited,
  sourcesBlocked,
  targetRateLimited,
} from '../../capabilities/defence-goals.ts';
import { functionPlaced } from '../../capabilities/orchestrator/orchestrator.ts';
import { suggestName } from '../../core/problems/nearest-name.ts';
import type { Finding, ProblemPath } from '../../core/problems/problem.ts';
import { MAX_PROBLEMS, showText } from '../../core/problems/problem.ts';
import { CAPABILITY_NAMES } from '../../protocol/scenario.ts';
import { type Entry, nameOf, type ScenarioView, textIn, textsIn } from './scenario-view.ts';
import { childOf } from './schema-shape.ts';

/** Goal types that agents award to one another: a fault names one of them in `holderOf`. */
export const AWARDED_GOALS: readonly string[] = [
  linkRateLimited,
  targetRateLimited,
  sourcesBlocked,
  blocksCarriedOut,
  anomalousUsage,
  functionPlaced,
].map((goal) => goal.name);

/** What a name may refer to. `complete`: every entry has a readable name, so that a name not among them does not exist. */
interface Known {
  readonly names: ReadonlySet<string>;
  readonly complete: boolean;
  readonly what: string;
}

/** Every name that an entry mentions must be the name of something in the file. */
export function checkReferences(view: ScenarioView): Finding[] {
  const findings: Finding[] = [];
  const { lists } = view;
  const switches = known(lists.switches, 'a switch');
  const hosts = known(lists.hosts, 'a host');
  const accessPoints = known(lists.accessPoints, 'an access point');
  const servers = known(lists.functions.filter(mayBeServer), 'a web-server function');
  const refer = (to: Known, name: string | undefined, path: ProblemPath): void => {
    if (name === undefined || !to.complete || to.names.has(name) || findings.length > MAX_PROBLEMS) return;
    const message = `there is no ${to.what.replace(/^an? /, '')} \`${showText(name)}\``;
    findings.push({ path, at: 'value', message, mend: suggestName(name, [...to.names], to.what) });
  };
  const referField = (to: Known, entry: Entry, key: string): void => {
    refer(to, textIn(entry, key), [...entry.path, key]);
  };
  for (const entry of lists.trunks) {
    referField(switches, entry, 'from');
    referField(switches, entry, 'to');
  }
  for (const entry of [...lists.hosts, ...lists.accessPoints]) referField(switches, entry, 'switch');
  for (const entry of [...lists.users, ...lists.attacks]) {
    referField(servers, entry, 'target');
    for (const { path, text } of textsIn(entry.path, entry.raw, 'at')) refer(accessPoints, text, path);
  }
  for (const entry of lists.agents) referField(hosts, entry, 'host');
  findings.push(...sharedHosts(lists.agents), ...unknownGoals(lists.faults));
  for (const { path, text } of textsIn(['expect'], childOf(view.raw, 'expect'), 'targets'))
    refer(servers, text, path);
  return findings;
}

function known(entries: readonly Entry[], what: string): Known {
  const names = entries.flatMap((entry) => nameOf(entry) ?? []);
  // With no entry readable the list itself is to blame, not those who refer to it.
  return { names: new Set(names), complete: entries.length > 0 && names.length === entries.length, what };
}

/** A function whose kind is misspelt may be meant as a web server. */
function mayBeServer(entry: Entry): boolean {
  const kind = textIn(entry, 'kind');
  const kinds: readonly string[] = CAPABILITY_NAMES;
  return kind === 'web-server' || kind === undefined || !kinds.includes(kind);
}

function sharedHosts(agents: readonly Entry[]): Finding[] {
  const agentOf = new Map<string, string>();
  return agents.flatMap((entry): Finding[] => {
    const host = textIn(entry, 'host');
    if (host === undefined) return [];
    const other = agentOf.get(host);
    agentOf.set(host, other ?? nameOf(entry) ?? 'another one');
    if (other === undefined) return [];
    const message = `\`${showText(host)}\` is already looked after by the agent \`${showText(other)}\``;
    return [
      { path: [...entry.path, 'host'], at: 'value', message, mend: 'give each agent a host of its own' },
    ];
  });
}

function unknownGoals(faults: readonly Entry[]): Finding[] {
  return faults.flatMap((entry): Finding[] => {
    const goal = textIn(entry, 'holderOf');
    if (goal === undefined || AWARDED_GOALS.includes(goal)) return [];
    const message = `\`${showText(goal)}\` is not a goal that agents award`;
    const mend = suggestName(goal, AWARDED_GOALS, 'one of');
    return [{ path: [...entry.path, 'holderOf'], at: 'value', message, mend }];
  });
}
