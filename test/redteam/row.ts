/**
 * What became of an attack. `prevented`: it had no effect. `detected`: it had some, and whoever it was done to was thrown out.
 * `undetected`: nothing noticed it, as documented. `not defended yet`: the product lacks the feature. `not tried`: see the notes.
 */
export type Outcome = 'prevented' | 'detected' | 'undetected' | 'not defended yet' | 'not tried';

/** The same attack where nothing was tampered with, and where the defence was taken away. */
export interface Proof {
  /** What was done, and what came of it. */
  readonly did: string;
  readonly asExpected: boolean;
}

export interface Row {
  readonly id: string;
  readonly attack: string;
  /** Who the attacker is: root on the machine, a user of the machine, the holder of some key, ... */
  readonly attacker: string;
  /** What the attacker did, exactly. */
  readonly did: string;
  readonly expected: Outcome;
  readonly outcome: Outcome;
  readonly what: string;
  /** ms from the act to the first entry of the journal that names it. */
  readonly detectedMs?: number;
  /** ms from the act to the final block that excludes whoever was tampered with. */
  readonly excludedMs?: number;
  readonly control?: Proof;
  /** Absent: how this row can fail was not shown. */
  readonly withoutDefence?: Proof;
}

/** Why a row is a failure; undefined: it is as expected, and so are its proofs. */
export function troubleOf(row: Row): string | undefined {
  if (row.outcome !== row.expected) return `expected ${row.expected}, was ${row.outcome}: ${row.what}`;
  if (row.control?.asExpected === false) return `its control: ${row.control.did}`;
  if (row.withoutDefence?.asExpected === false) return `without the defence: ${row.withoutDefence.did}`;
  return undefined;
}
