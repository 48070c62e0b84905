import { isGivenUp } from '../../../../src/core/ledger/given-up.ts';
import type { JournalEntry } from '../../../../src/protocol/journal.ts';
import type { Scenario } from '../../../../src/protocol/scenario.ts';
import { countBefore } from '../count-before.ts';
import type { Journal } from '../journal.ts';
import type { NetworkAgent, Placed } from './network.ts';

type EntryOf<K extends JournalEntry['kind']> = Extract<JournalEntry, { kind: K }>;

/** Entries of a kind before a position, the oldest first. */
export function entriesOf<K extends JournalEntry['kind']>(
  journal: Journal,
  kind: K,
  end: number,
): readonly EntryOf<K>[] {
  const positions = journal.ofKind(kind);
  return positions.slice(0, countBefore(positions, end)).flatMap((at) => {
    const entry = journal.index.entries[at];
    return entry?.kind === kind ? [entry as EntryOf<K>] : [];
  });
}

const TRUST: Readonly<Record<string, string>> = {
  AgentAdmitted: 'admitted',
  AgentRegistered: 'registered',
  RoundPassed: 'attested',
  RoundFailed: 'failed',
  RoundExpired: 'expired',
  ValidityExpired: 'expired',
  Suspended: 'suspended',
  Revoked: 'revoked',
  AgentWithdrawn: 'withdrawn',
};

/** How far each agent was trusted by then, as the ledger's events say. */
export function trustBy(journal: Journal, end: number): ReadonlyMap<string, string> {
  const trust = new Map<string, string>();
  for (const { event, subject, reason } of entriesOf(journal, 'ledger', end)) {
    const state = event === 'RoundFailed' && isGivenUp(reason) ? undefined : TRUST[event];
    // A round that is challenged anew takes nothing from who was attested before.
    if (state === undefined || (event === 'AgentAdmitted' && trust.has(subject))) continue;
    trust.set(subject, state);
  }
  return trust;
}

/** Agents of a scenario, as they are named where it names none. */
export function agentsOf(scenario: Scenario, journal: Journal, end: number): readonly NetworkAgent[] {
  const specs =
    scenario.agents ?? scenario.topology.hosts.map(({ name }, at) => ({ name: `a${at + 1}`, host: name }));
  const trust = trustBy(journal, end);
  const roles = new Map<string, Set<string>>();
  for (const { agent, capability, status } of entriesOf(journal, 'capability', end)) {
    const active = roles.get(agent) ?? new Set<string>();
    roles.set(agent, active);
    if (status === 'activated') active.add(capability);
    else active.delete(capability);
  }
  return specs.map(({ name, host }) => ({
    name,
    host,
    trust: trust.get(name),
    roles: [...(roles.get(name) ?? [])],
  }));
}

/** Functions of the scenario by then: each is where the agent is that placed it last. */
export function functionsBy(
  scenario: Scenario,
  journal: Journal,
  end: number,
  hostOf: ReadonlyMap<string, string>,
): readonly Placed[] {
  const at = new Map<string, string>();
  for (const { action, status, target, because } of entriesOf(journal, 'action', end)) {
    if (action !== 'place-function' || status !== 'done') continue;
    const agent = because[0]?.replace(/:\d+$/, '') ?? '';
    const host = hostOf.get(agent);
    if (host !== undefined) at.set(target, host);
  }
  return scenario.functions.flatMap(({ name, cpu, memoryGb }) => {
    const host = at.get(name);
    if (host === undefined) return [];
    return [
      {
        id: name,
        name,
        service: undefined,
        host,
        goal: `functionPlaced(${name})`,
        state: 'running',
        vcpus: cpu,
        memoryMib: memoryGb * 1024,
      },
    ];
  });
}
