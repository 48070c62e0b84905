import { useEffect, useState } from 'react';
import { Router } from 'wouter';
import { Refused } from '../data/ask.ts';
import type { Session } from '../data/session.ts';
import { enter, SessionContext } from '../data/session.ts';
import { Loading } from '../parts/states.tsx';
import { Login } from './login.tsx';
import { Shell } from './shell.tsx';

/** Everything, for who has shown who they are. */
export function Console() {
  const [session, setSession] = useState<Session>();
  const [refused, setRefused] = useState<Refused>();
  useEffect(() => {
    enter().then(setSession, (error: unknown) =>
      setRefused(error instanceof Refused ? error : new Refused(0, String(error), '')),
    );
  }, []);
  if (session === undefined) {
    if (refused === undefined) return <Loading what="the console" />;
    return <Login refused={refused} onEnter={setSession} />;
  }
  return (
    <SessionContext.Provider value={session}>
      <Router base="/console">
        <Shell onLeave={() => setSession(undefined)} />
      </Router>
    </SessionContext.Provider>
  );
}
