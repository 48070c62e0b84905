import type { z } from 'zod';

/** Records that are remembered at most. */
const MOST = 2000;

interface Recent {
  readonly bytes: Uint8Array;
  readonly schema: z.ZodType;
  /** Worked out when it is asked for: much is written anew before anybody reads it. */
  readonly record: () => unknown;
}

/** Reads records of JSON; one whose bytes are those of the last time under its key is not read again. What is given away is frozen. */
export class RecentRecords {
  readonly #recent = new Map<string, Recent>();

  /** @throws when the bytes are no JSON, or not what the schema takes. */
  read<T>(key: string, bytes: Uint8Array, schema: z.ZodType<T>): T {
    const before = this.#recent.get(key);
    if (before?.schema === schema && Buffer.compare(before.bytes, bytes) === 0) {
      // Read by that schema.
      return before.record() as T;
    }
    const record = frozen(schema.parse(JSON.parse(new TextDecoder().decode(bytes))));
    this.#remember(key, { bytes: bytes.slice(), schema, record: () => record });
    return record;
  }

  /** A record as its bytes: what reads them again finds it as it was. */
  write<T>(key: string, record: T, schema: z.ZodType<T>): Uint8Array {
    const text = JSON.stringify(record);
    const bytes = new TextEncoder().encode(text);
    let read: unknown;
    // As it would be read: without what is undefined. That it is what the schema takes its type says.
    const asRead = (): unknown => (read ??= frozen(JSON.parse(text)));
    this.#remember(key, { bytes: bytes.slice(), schema, record: asRead });
    return bytes;
  }

  #remember(key: string, recent: Recent): void {
    this.#recent.delete(key);
    this.#recent.set(key, recent);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > MOST && oldest !== undefined) this.#recent.delete(oldest);
  }
}

/** Plain data that nobody can change any more. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const each of Object.values(value)) frozen(each);
  return value;
}
