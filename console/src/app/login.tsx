import type { SubmitEvent } from 'react';
import { useState } from 'react';
import { Refused } from '../data/ask.ts';
import type { Session } from '../data/session.ts';
import { enterWith } from '../data/session.ts';
import { RefusedNote } from '../parts/states.tsx';

interface Props {
  /** Why one is not in yet. */
  readonly refused: Refused;
  onEnter(session: Session): void;
}

/** For who has not come with an address that opens the console. */
export function Login({ refused, onEnter }: Props) {
  const [secret, setSecret] = useState('');
  const [why, setWhy] = useState<Refused>();
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    try {
      onEnter(await enterWith(secret.trim()));
    } catch (error) {
      setWhy(error instanceof Refused ? error : new Refused(0, String(error), ''));
    }
  };
  return (
    <main className="login">
      <h1>Muster</h1>
      {(why ?? refused).message === '' ? null : <RefusedNote refused={why ?? refused} />}
      <p>
        Open the address that <code>muster up</code> has printed, or get a new one with{' '}
        <code>muster console</code>. Or come in with a token of your own (
        <code>muster token create NAME --role operator</code>):
      </p>
      <form onSubmit={(event) => void submit(event)}>
        <label>
          Token
          <input
            type="password"
            name="token"
            autoComplete="current-password"
            value={secret}
            onChange={({ target }) => setSecret(target.value)}
          />
        </label>
        <button type="submit" disabled={secret.trim() === ''}>
          come in
        </button>
      </form>
    </main>
  );
}
