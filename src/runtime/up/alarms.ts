import type { AgentStatus } from '../../protocol/up-status.ts';

export interface AlarmsInput {
  readonly ready: boolean;
  /** For how long it has said nothing although it should have, s. */
  readonly ledgerSilentForS: number;
  /** Why the ledger's process is not well. */
  readonly ledgerTrouble: string | undefined;
  readonly agents: readonly Pick<AgentStatus, 'name' | 'status' | 'reason'>[];
}

/** What an operator has to know of what is up, as sentences; empty: all is well. */
export function alarmsOf({ ready, ledgerSilentForS, ledgerTrouble, agents }: AlarmsInput): readonly string[] {
  const alarms: string[] = [];
  if (ledgerTrouble !== undefined) alarms.push(ledgerTrouble);
  if (ready && ledgerSilentForS > 0) {
    alarms.push(
      `the ledger has said nothing for ${Math.floor(ledgerSilentForS)} s: agents act until their attestation runs out, and not after`,
    );
  }
  const expired = agents.filter(({ status }) => status === 'expired').map(({ name }) => name);
  if (expired.length > 0)
    alarms.push(`attestation has run out, nothing is carried out for ${expired.join(', ')}`);
  for (const { name, status, reason } of agents) if (status === 'down') alarms.push(`${name}: ${reason}`);
  return alarms;
}
