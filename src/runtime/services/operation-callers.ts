import { z } from 'zod';
import type { Store, StoreView } from '../../ports/store.ts';

/** Operations whose caller is remembered; the journal has all. */
const REMEMBERED = 5000;
const PREFIX = 'caller/';

const CallerRecordSchema = z.strictObject({
  format: z.literal(1),
  operation: z.string(),
  /** Name of the token whose holder began it. */
  name: z.string(),
});

/** Remembers who began an operation. Keys begin with the time, so that the oldest are forgotten first. */
export async function rememberCaller(
  store: Store,
  operation: string,
  name: string,
  nowMs: number,
): Promise<void> {
  const key = `${PREFIX}${String(nowMs).padStart(15, '0')}/${encodeURIComponent(operation)}`;
  const value = new TextEncoder().encode(JSON.stringify({ format: 1, operation, name }));
  await store.update(async (view) => {
    const keys = view.keys(PREFIX);
    // Some at once: not with every one.
    const old = keys.length < REMEMBERED ? [] : keys.slice(0, keys.length - REMEMBERED + 100);
    const forgotten = old.map((each) => ({ kind: 'delete' as const, key: each }));
    return { changes: [...forgotten, { kind: 'put', key, value }], answer: undefined };
  });
}

/** Who began an operation; undefined: Muster itself, or it is too long ago. */
export async function callerOfOperation(view: StoreView, operation: string): Promise<string | undefined> {
  const end = `/${encodeURIComponent(operation)}`;
  const key = view.keys(PREFIX).find((each) => each.endsWith(end));
  const bytes = key === undefined ? undefined : await view.get(key);
  if (bytes === undefined) return undefined;
  return CallerRecordSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data?.name;
}
