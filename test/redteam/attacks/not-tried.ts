import type { Row } from '../row.ts';

/** What the list asks for and nothing here does, with the reason. */
export const NOT_TRIED: readonly Row[] = [
  {
    ...row('frames-reordered', 'frames reordered', 'an attested agent with valid keys'),
    did: 'nothing: holding frames back upsets the auctions that the pipeline starts with',
    what: 'by design a frame may come late by up to 255 others, and once',
    outcome: 'not tried',
    expected: 'not tried',
  },
  {
    ...row('stolen-signing-key', "a stolen agent's key used from another process", 'root'),
    did: 'nothing: the key was not read out of a live agent',
    what: 'the daemon takes the newest connection that says hello with the right key, whoever opened it',
    outcome: 'not tried',
    expected: 'not tried',
  },
];

function row(
  id: string,
  attack: string,
  attacker: string,
): Pick<Row, 'id' | 'attack' | 'attacker' | 'expected' | 'outcome'> {
  return { id, attack, attacker, expected: 'not defended yet', outcome: 'not defended yet' };
}
