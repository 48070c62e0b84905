/**
 * What became of an attack. `prevented`: it had no effect. `detected`: it had some, and whoever it was done to was thrown out.
 * `ended`: nothing noticed it, and what it changed ended with the process. `undetected`: nothing noticed it, as documented.
 * `not defended yet`: the product lacks the feature. `not tried`: what it needs is not here.
 */
export type Outcome = 'prevented' | 'detected' | 'ended' | 'undetected' | 'not defended yet' | 'not tried';

/** The same attack where nothing was tampered with, and where the defence was taken away. */
export interface Proof {
  /** What was done, and what came of it. */
  readonly did: string;
  readonly asExpected: boolean;
}

/** A time that may not be longer; undefined: it never came. */
export interface Figure {
  readonly what: string;
  readonly ms: number | undefined;
  readonly mostMs: number;
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
  /** ms from the act to the final block that excludes whoever was tampered with; of what is ended, to the end of its process. */
  readonly excludedMs?: number;
  /** What this row has to show, whatever else it shows. */
  readonly must?: Figure;
  readonly control?: Proof;
  readonly withoutDefence?: Proof;
  /** The row shows a limit of the product: why there is no defence that could be taken away. */
  readonly limit?: string;
}

/** It needs what is not here, e.g. root: no failure, but told. */
export function isSkipped({ outcome, what }: Row): boolean {
  return outcome === 'not tried' && what.startsWith('skipped:');
}

/** Why a row is a failure; undefined: it is as expected, and so are its proofs. */
export function troubleOf(row: Row): string | undefined {
  const { outcome, expected, what, must, control, withoutDefence, limit } = row;
  if (isSkipped(row)) return undefined;
  if (outcome !== expected) return `expected ${expected}, was ${outcome}: ${what}`;
  if (must !== undefined && (must.ms === undefined || must.ms > must.mostMs))
    return `${must.what}: ${must.ms === undefined ? 'never' : `${must.ms / 1000} s`}`;
  if (control?.asExpected !== true) return `its control: ${control?.did ?? 'there is none'}`;
  if (withoutDefence === undefined && limit === undefined) return 'that it can fail was not shown';
  if (withoutDefence?.asExpected === false) return `without the defence: ${withoutDefence.did}`;
  return undefined;
}
