import type { Store } from '../../ports/store.ts';
import { closeSession, findSession, openSession } from '../../runtime/tokens/console-sessions.ts';
import { findToken } from '../../runtime/tokens/tokens.ts';
import type { Caller } from '../access/caller.ts';
import { OneTimeCodes } from '../access/one-time-codes.ts';

/** Name in the journal of who has opened the console with the address that `muster up` prints. */
const CONSOLE_CALLER: Caller = { name: 'console', role: 'operator' };

export interface ConsoleAccessOptions {
  /** Named tokens, and sessions. */
  readonly tokens: Store;
  nowMs(): number;
}

/** How a browser shows who it is: what it was let in with is exchanged for a cookie. */
export interface ConsoleAccess {
  /** Path and fragment of an address that opens the console once. */
  address(): string;
  /** `secret`: a code of such an address, or a named token. Undefined: it is neither. */
  open(secret: string): Promise<{ readonly caller: Caller; readonly cookie: string } | undefined>;
  callerOf(cookie: string): Promise<Caller | undefined>;
  close(cookie: string): Promise<void>;
}

const LONGEST_SECRET = 512;

export function createConsoleAccess({ tokens, nowMs }: ConsoleAccessOptions): ConsoleAccess {
  const codes = new OneTimeCodes(nowMs);
  const whoHas = async (
    secret: string,
  ): Promise<{ caller: Caller; tokenMadeAtMs: number | null } | undefined> => {
    if (codes.take(secret)) return { caller: CONSOLE_CALLER, tokenMadeAtMs: null };
    const token = await findToken(tokens, secret, nowMs());
    if (token === undefined) return undefined;
    return { caller: { name: token.name, role: token.role }, tokenMadeAtMs: token.createdAtMs };
  };
  return {
    // Behind #: it is in no log of who has asked for what.
    address: () => `/console/#open=${codes.make()}`,
    open: async (secret) => {
      const found = await whoHas(secret);
      if (found === undefined) return undefined;
      const { caller, tokenMadeAtMs } = found;
      return { caller, cookie: await openSession(tokens, { ...caller, tokenMadeAtMs, nowMs: nowMs() }) };
    },
    callerOf: async (cookie) => {
      if (cookie === '' || cookie.length > LONGEST_SECRET) return undefined;
      const session = await findSession(tokens, cookie, nowMs());
      return session === undefined ? undefined : { name: session.name, role: session.role };
    },
    close: (cookie) => closeSession(tokens, cookie),
  };
}
