import type { Row } from '../row.ts';

/** What the list asks for and nothing here does, with the reason. */
export const NOT_TRIED: readonly Row[] = [
  {
    ...row(
      'older-image',
      'an older, validly signed image on the way to an agent',
      'who can put an image before a guard',
    ),
    did: 'nothing: agents are started from the programs that the pipeline builds, not from signed images',
    what: 'the contract refuses a lower version (row older-version), but each registration says version 1',
  },
  {
    ...row('answer-shares', 'colluders who pool shares of an answer, below the threshold', 'site daemons'),
    did: 'nothing: answers are not shared out, the registry alone keeps them',
    what: 'see row answer-withheld for what one silent keeper can do',
  },
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
