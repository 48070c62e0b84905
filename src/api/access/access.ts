import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Store } from '../../ports/store.ts';
import { findToken } from '../../runtime/tokens/tokens.ts';
import type { Caller } from './caller.ts';

/** As Open Source MANO's clients expect: they ask for a new one with every command. */
const SESSION_MS = 3_600_000;
/** The oldest goes when there is one more. */
const MOST_SESSIONS = 1000;
const LONGEST_SECRET = 512;

export interface AccessOptions {
  /** The token of `muster up`, which may do everything. */
  readonly token: string;
  /** Named tokens; undefined: there are none. */
  readonly tokens: Store | undefined;
  nowMs(): number;
}

/** What stands behind the bearer token of one of OSM's clients. */
export interface Session {
  readonly id: string;
  readonly caller: Caller;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

export interface Access {
  /** Who a secret belongs to; undefined: nobody. */
  callerOf(secret: string): Promise<Caller | undefined>;
  /** A session for who knows the secret of the token of that name. */
  login(name: string, secret: string): Promise<Session | undefined>;
  sessionOf(secret: string): Session | undefined;
  /** False: there is no such session of this caller. */
  logout(secret: string, caller: Caller): boolean;
}

interface KeptSession extends Session {
  /** The session ends with the token that it was opened with. */
  readonly secret: string;
}

/** Name of the caller who has the token of `muster up`. */
export const UP_CALLER: Caller = { name: 'up', role: 'operator' };

/** Who may ask. Sessions end with this process; tokens are looked up each time, so that what is revoked is so at once. */
export function createAccess({ token, tokens, nowMs }: AccessOptions): Access {
  const own = digest(token);
  const sessions = new Map<string, KeptSession>();
  const namedBy = async (secret: string): Promise<Caller | undefined> => {
    if (secret === '' || secret.length > LONGEST_SECRET) return undefined;
    if (timingSafeEqual(digest(secret), own)) return UP_CALLER;
    const found = tokens === undefined ? undefined : await findToken(tokens, secret, nowMs());
    return found === undefined ? undefined : { name: found.name, role: found.role };
  };
  const sessionOf = (secret: string): KeptSession | undefined => {
    const key = digest(secret).toString('hex');
    const session = sessions.get(key);
    if (session === undefined || session.expiresAtMs > nowMs()) return session;
    sessions.delete(key);
    return undefined;
  };
  return {
    sessionOf,
    callerOf: async (secret) => namedBy(sessionOf(secret)?.secret ?? secret),
    login: async (name, secret) => {
      const caller = await namedBy(secret);
      // OSM's clients send `admin` when nobody says otherwise.
      const fits = caller?.name === name || (caller === UP_CALLER && name === 'admin');
      if (caller === undefined || !fits) return undefined;
      const id = randomBytes(32).toString('base64url');
      const issuedAtMs = nowMs();
      const session = { id, caller, issuedAtMs, expiresAtMs: issuedAtMs + SESSION_MS, secret };
      const [oldest] = sessions.keys();
      if (sessions.size >= MOST_SESSIONS && oldest !== undefined) sessions.delete(oldest);
      sessions.set(digest(id).toString('hex'), session);
      return session;
    },
    logout: (secret, caller) => {
      if (sessionOf(secret)?.caller.name !== caller.name) return false;
      return sessions.delete(digest(secret).toString('hex'));
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
