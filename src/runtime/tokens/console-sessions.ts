import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Store, StoreChange, StoreView } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import { TOKEN_ROLES, TokenNameSchema, type TokenRole } from '../../protocol/token-record.ts';
import { listTokens } from './tokens.ts';

/** A working day: then the operator shows again who they are. */
export const SESSION_MS = 12 * 3_600_000;
/** The one that ends first goes when there is one more. */
const MOST_SESSIONS = 200;
const PREFIX = 'session/';

/** Somebody's browser, as it is stored: under the sha256 of the secret in its cookie. */
const SessionSchema = z.strictObject({
  format: z.literal(1),
  name: TokenNameSchema,
  role: z.enum(TOKEN_ROLES),
  /** When the named token was made that it was opened with and ends with, ms since 1970; null: it came of the address that `muster up` prints. */
  tokenMadeAtMs: z.int().nonnegative().nullable(),
  expiresAtMs: z.int().nonnegative(),
});
export type ConsoleSession = z.infer<typeof SessionSchema>;

const keyOf = (secret: string): string => `${PREFIX}${createHash('sha256').update(secret).digest('hex')}`;

export interface SessionOpening {
  readonly name: string;
  readonly role: TokenRole;
  readonly tokenMadeAtMs: number | null;
  readonly nowMs: number;
}

/** Opens a session that outlives this process, and answers its secret, which is not stored. */
export async function openSession(store: Store, opening: SessionOpening): Promise<string> {
  const { nowMs, ...whose } = opening;
  const secret = randomBytes(32).toString('base64url');
  const record = SessionSchema.parse({ ...whose, format: 1, expiresAtMs: nowMs + SESSION_MS });
  await store.update(async (view) => {
    const kept = await sessionsIn(view);
    const ended = kept.filter(({ session }) => session.expiresAtMs <= nowMs);
    const [oldest] = kept.length - ended.length >= MOST_SESSIONS ? kept : [];
    const gone = [...ended, ...(oldest === undefined || ended.includes(oldest) ? [] : [oldest])];
    const value = new TextEncoder().encode(JSON.stringify(record));
    const changes: StoreChange[] = gone.map(({ key }) => ({ kind: 'delete', key }));
    return { changes: [...changes, { kind: 'put', key: keyOf(secret), value }], answer: undefined };
  });
  return secret;
}

/** Whose browser it is; undefined: nobody's, or its time is over, or the token is gone that it was opened with. */
export async function findSession(
  store: Store,
  secret: string,
  nowMs: number,
): Promise<ConsoleSession | undefined> {
  const view = await store.view();
  const session = await readSession(view, keyOf(secret));
  if (session === undefined || session.expiresAtMs <= nowMs) return undefined;
  if (session.tokenMadeAtMs === null) return session;
  const token = (await listTokens(view)).find(({ name }) => name === session.name);
  // A token of that name that was made since then may be another's.
  if (token?.createdAtMs !== session.tokenMadeAtMs) return undefined;
  return token.expiresAtMs === null || token.expiresAtMs > nowMs ? session : undefined;
}

/** Ends it; nothing happens when there is none. */
export async function closeSession(store: Store, secret: string): Promise<void> {
  const key = keyOf(secret);
  await store.update(async (view) => ({
    changes: (await view.get(key)) === undefined ? [] : [{ kind: 'delete', key }],
    answer: undefined,
  }));
}

/** The one that ends first before the others. */
async function sessionsIn(view: StoreView) {
  const found = await Promise.all(
    view.keys(PREFIX).map(async (key) => ({ key, session: await readSession(view, key) })),
  );
  return found
    .flatMap(({ key, session }) => (session === undefined ? [] : [{ key, session }]))
    .sort((a, b) => a.session.expiresAtMs - b.session.expiresAtMs);
}

async function readSession(view: StoreView, key: string): Promise<ConsoleSession | undefined> {
  const bytes = await view.get(key);
  if (bytes === undefined) return undefined;
  try {
    return SessionSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new MusterError('STORE_DAMAGED', 'a stored session is none of this version of Muster', {
      hint: 'delete the directory tokens in MUSTER_HOME and make the tokens again',
      cause,
    });
  }
}
