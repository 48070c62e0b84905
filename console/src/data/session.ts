import { createContext, useContext } from 'react';
import { ask, Refused } from './ask.ts';

export interface Session {
  readonly name: string;
  readonly role: 'viewer' | 'operator';
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session | undefined {
  return useContext(SessionContext);
}

/** Who this browser's cookie belongs to; with the code of an address first exchanged for one. @throws Refused. */
export async function enter(): Promise<Session> {
  const code = /^#open=([\w-]+)$/.exec(location.hash)?.[1];
  if (code === undefined) return ask<Session>('/v1/session').catch(stranger);
  // It is good once, and nobody else is to find it in the history.
  history.replaceState(null, '', location.pathname + location.search);
  return enterWith(code).catch((error: unknown) =>
    // Whoever is in already may open an old address.
    ask<Session>('/v1/session').catch(() => {
      throw error;
    }),
  );
}

/** Who has never been here is told where the door is, not that they were refused. */
function stranger(error: unknown): never {
  throw error instanceof Refused && error.status === 401 ? new Refused(401, '', '') : error;
}

export function enterWith(secret: string): Promise<Session> {
  return ask<Session>('/v1/session', { method: 'POST', body: { secret } });
}

/** Ends it; answers what there is to say to who is outside now. */
export async function leave(): Promise<Refused> {
  try {
    await ask('/v1/session', { method: 'DELETE' });
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 401)
      return new Refused(
        0,
        'Muster could not be told that you leave, so this browser is still let in.',
        'Load the page again once it is up, and leave again.',
      );
  }
  return new Refused(401, '', '');
}
