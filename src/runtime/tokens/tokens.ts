import { createHash, randomBytes } from 'node:crypto';
import type { Store, StoreView } from '../../ports/store.ts';
import { MusterError } from '../../protocol/errors.ts';
import { type TokenRecord, TokenRecordSchema } from '../../protocol/token-record.ts';

/** More would make a listing of them useless, and looking for a name slow. */
const MOST_TOKENS = 500;
const PREFIX = 'token/';
/** Marks the secret for those who search code and logs for what has leaked. */
const MARK = 'muster_';

/** 256 random bits, so that one plain hash of them cannot be undone by guessing. */
const keyOf = (secret: string): string => `${PREFIX}${createHash('sha256').update(secret).digest('hex')}`;

/**
 * Makes a token and answers its secret, which is told this once and not stored.
 * @throws CONFLICT when the name is taken, or there are too many.
 */
export async function createToken(store: Store, token: Omit<TokenRecord, 'format'>): Promise<string> {
  const secret = `${MARK}${randomBytes(32).toString('base64url')}`;
  const record = TokenRecordSchema.parse({ ...token, format: 1 });
  await store.update(async (view) => {
    const known = await listTokens(view);
    if (known.some(({ name }) => name === record.name)) {
      throw new MusterError('CONFLICT', `there is a token ${record.name} already`, {
        hint: `muster token revoke ${record.name} --yes, or choose another name`,
      });
    }
    if (known.length >= MOST_TOKENS) {
      throw new MusterError('CONFLICT', `there are ${MOST_TOKENS} tokens already`, {
        hint: 'muster token list, and revoke those that nobody needs',
      });
    }
    const value = new TextEncoder().encode(JSON.stringify(record));
    return { changes: [{ kind: 'put', key: keyOf(secret), value }], answer: undefined };
  });
  return secret;
}

/** All tokens by their names, also those that have expired. */
export async function listTokens(view: StoreView): Promise<readonly TokenRecord[]> {
  const records = await Promise.all(view.keys(PREFIX).map((key) => readToken(view, key)));
  return records.flatMap((record) => record ?? []).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws NOT_FOUND. */
export async function revokeToken(store: Store, name: string): Promise<void> {
  await store.update(async (view) => {
    for (const key of view.keys(PREFIX)) {
      if ((await readToken(view, key))?.name === name) {
        return { changes: [{ kind: 'delete', key }], answer: undefined };
      }
    }
    throw new MusterError('NOT_FOUND', `there is no token ${name}`, { hint: 'muster token list' });
  });
}

/** Whose secret it is; undefined: nobody's, or it has expired. */
export async function findToken(
  store: Store,
  secret: string,
  nowMs: number,
): Promise<TokenRecord | undefined> {
  const record = await readToken(await store.view(), keyOf(secret));
  return record === undefined || (record.expiresAtMs !== null && record.expiresAtMs <= nowMs)
    ? undefined
    : record;
}

async function readToken(view: StoreView, key: string): Promise<TokenRecord | undefined> {
  const bytes = await view.get(key);
  if (bytes === undefined) return undefined;
  try {
    return TokenRecordSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new MusterError('STORE_DAMAGED', 'a stored token is none of this version of Muster', {
      hint: 'delete the directory tokens in MUSTER_HOME and make the tokens again',
      cause,
    });
  }
}
