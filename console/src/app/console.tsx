import { useEffect, useState } from 'react';
import { Router } from 'wouter';
import { Refused } from '../data/ask.ts';
import type { Session } from '../data/session.ts';
import { enter, SessionContext } from '../data/session.ts';
import { onSessionEnd } from '../data/session-end.ts';
import { closeJournal } from '../data/source.ts';
import { Loading } from '../parts/states.tsx';
import { Login } from './login.tsx';
import { Shell } from './shell.tsx';

/** Muster does not say which of them it was: a secret that it does not know may be anything. */
const ENDED = new Refused(
  401,
  'Your session has ended: it was left in another window, its token was revoked or has expired, or its twelve hours are over.',
  '',
);

/** Everything, for who has shown who they are. */
export function Console() {
  const [session, setSession] = useState<Session>();
  const [refused, setRefused] = useState<Refused>();
  useEffect(() => {
    enter().then(setSession, (error: unknown) =>
      setRefused(error instanceof Refused ? error : new Refused(0, String(error), '')),
    );
  }, []);
  useEffect(() => {
    if (session === undefined) return;
    const unlisten = onSessionEnd(() => {
      setRefused(ENDED);
      setSession(undefined);
    });
    return () => {
      unlisten();
      // Nothing is shown of it any more.
      closeJournal();
    };
  }, [session]);
  if (session === undefined) {
    if (refused === undefined) return <Loading what="the console" />;
    return <Login refused={refused} onEnter={setSession} />;
  }
  const leave = (why: Refused) => {
    setRefused(why);
    setSession(undefined);
  };
  return (
    <SessionContext.Provider value={session}>
      <Router base="/console">
        <Shell onLeave={leave} />
      </Router>
    </SessionContext.Provider>
  );
}
