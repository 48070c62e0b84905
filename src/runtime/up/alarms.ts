import type { AgentStatus } from './supervisor.ts';

/** A ledger makes a block a second; one that says nothing for so long is away. */
const SILENT_S = 8;

export interface AlarmsInput {
  readonly ready: boolean;
  /** Since the last final block was seen, s. */
  readonly ledgerSilentForS: number;
  /** Why the ledger's process is not well. */
  readonly ledgerTrouble: string | undefined;
  readonly agents: readonly Pick<AgentStatus, 'name' | 'status' | 'reason'>[];
}

/** What an operator has to know of what is up, as sentences; empty: all is well. */
export function alarmsOf({ ready, ledgerSilentForS, ledgerTrouble, agents }: AlarmsInput): readonly string[] {
  const alarms: string[] = [];
  if (ledgerTrouble !== undefined) alarms.push(ledgerTrouble);
  if (ready && ledgerSilentForS >= SILENT_S) {
    alarms.push(
      `the ledger has made no block for ${Math.floor(ledgerSilentForS)} s: agents act until their attestation runs out, and not after`,
    );
  }
  const expired = agents.filter(({ status }) => status === 'expired').map(({ name }) => name);
  if (expired.length > 0)
    alarms.push(`attestation has run out, nothing is carried out for ${expired.join(', ')}`);
  for (const { name, status, reason } of agents) if (status === 'down') alarms.push(`${name}: ${reason}`);
  return alarms;
}
