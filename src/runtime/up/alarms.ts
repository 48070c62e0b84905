import type { AgentStatus, Alarm } from '../../protocol/up-status.ts';

export interface AlarmsInput {
  readonly ready: boolean;
  /** For how long it has said nothing although it should have, s. */
  readonly ledgerSilentForS: number;
  /** Why the ledger's process is not well. */
  readonly ledgerTrouble: string | undefined;
  readonly agents: readonly Pick<AgentStatus, 'name' | 'status' | 'reason'>[];
  /** Agents of which an incarnation was revoked and no other has been attested since, and why it was. */
  readonly excluded: ReadonlyMap<string, string>;
}

const LEDGER = [{ kind: 'ledger', id: 'ledger' }] as const;
const agentsNamed = (...names: readonly string[]): Alarm['about'] =>
  names.map((id) => ({ kind: 'agent', id }));

/** What an operator has to know of what is up, as sentences; empty: all is well. */
export function alarmsOf(input: AlarmsInput): readonly Alarm[] {
  const { ready, ledgerSilentForS, ledgerTrouble, agents, excluded } = input;
  const alarms: Alarm[] = [];
  if (ledgerTrouble !== undefined) alarms.push({ text: ledgerTrouble, about: LEDGER });
  if (ready && ledgerSilentForS > 0) {
    alarms.push({
      text: `the ledger has said nothing for ${Math.floor(ledgerSilentForS)} s: agents act until their attestation runs out, and not after`,
      about: LEDGER,
    });
  }
  const expired = agents.filter(({ status }) => status === 'expired').map(({ name }) => name);
  if (expired.length > 0) {
    const text = `attestation has run out, nothing is carried out for ${expired.join(', ')}`;
    alarms.push({ text, about: agentsNamed(...expired) });
  }
  for (const { name, status, reason } of agents) {
    const why = excluded.get(name);
    if (status === 'down') alarms.push({ text: `${name}: ${reason}`, about: agentsNamed(name) });
    else if (why !== undefined && status !== 'attested' && status !== 'expired') {
      const text = `${name} was thrown out (${why}); the one in its place is not attested yet`;
      alarms.push({ text, about: agentsNamed(name) });
    }
  }
  return alarms;
}
