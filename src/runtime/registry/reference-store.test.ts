import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toHex } from '../../adapters/keys/hex.ts';
import { readSealed, writeSealed } from '../../adapters/store-sealed/sealed-file.ts';
import { keyOf, readStoreKey } from '../../adapters/store-sealed/store-key.ts';
import { MusterError } from '../../protocol/errors.ts';
import { openReferenceStore } from './reference-store.ts';

let folder: string;
let file: string;
const key = new Uint8Array(randomBytes(32));
const record = (n: number, incarnation = 1) => ({
  agent: toHex(Buffer.alloc(32, n)),
  name: `a${n}`,
  incarnation,
  version: 1,
  imageDigest: toHex(randomBytes(32)),
  reference: toHex(randomBytes(32)),
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-store-'));
  file = join(folder, 'references.sealed');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function refusal(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (error instanceof MusterError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('the store of reference values', () => {
  it('keeps a successor beside its member, and in the place of it once it has taken over', async () => {
    const store = await openReferenceStore({ file, key });
    const [member, successor, next] = [record(2), record(3, 2), record(3, 3)];
    await Promise.all([store.keep(member), store.keep(successor)]);
    // Of another incarnation than the one that is there: nothing happens.
    await store.move(successor.agent, member.agent, 3);
    expect(await store.referenceOf(member.agent, 1)).toBe(member.reference);
    await store.move(successor.agent, member.agent, 2);
    await store.keep(next);
    expect(await store.referenceOf(member.agent, 1)).toBeUndefined();
    const back = await openReferenceStore({ file, key });
    expect(await back.referenceOf(member.agent, 2)).toBe(successor.reference);
    expect(await back.referenceOf(next.agent, 3)).toBe(next.reference);
  });

  it('gives a registry that comes back what the one before has kept, and nothing of it lies open', async () => {
    const store = await openReferenceStore({ file, key });
    const records = Array.from({ length: 8 }, (_, i) => record(i + 1));
    await Promise.all(records.map((each) => store.keep(each)));
    const other = record(1, 2);
    await store.keep(other);
    const back = await openReferenceStore({ file, key });
    for (const each of [...records.slice(1), other])
      expect(await back.referenceOf(each.agent, each.incarnation)).toBe(each.reference);
    // The incarnation before is over.
    expect(await back.referenceOf(other.agent, 1)).toBeUndefined();
    const bytes = readFileSync(file);
    for (const each of records) {
      expect(bytes.includes(Buffer.from(each.reference.slice(2), 'hex'))).toBe(false);
      expect(bytes.includes(each.reference.slice(2))).toBe(false);
    }
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['references.sealed']);
  });

  it('writes once for what comes together', async () => {
    const store = await openReferenceStore({ file, key });
    await Promise.all(Array.from({ length: 20 }, (_, i) => store.keep(record(i + 1))));
    expect((await readSealed({ file, key, maxBytes: 1e6 }))?.generation).toBeLessThanOrEqual(2);
  });

  it('refuses every changed byte, a cut, and another key, and says which', async () => {
    const store = await openReferenceStore({ file, key });
    const kept = record(1);
    await store.keep(kept);
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length; at++) {
      const bent = Buffer.from(whole);
      bent[at] = (bent[at] ?? 0) ^ 1;
      writeFileSync(file, bent);
      expect(await refusal(() => openReferenceStore({ file, key })), `byte ${at}`).toMatch(
        /^BAD_FILE: cannot read .*(damaged|no sealed store|another key|of version)/,
      );
    }
    for (const length of [0, 1, 43, whole.length - 1]) {
      writeFileSync(file, whole.subarray(0, length));
      expect(await refusal(() => openReferenceStore({ file, key }))).toMatch(/damaged/);
    }
    writeFileSync(file, whole);
    const another = new Uint8Array(randomBytes(32));
    expect(await refusal(() => openReferenceStore({ file, key: another }))).toMatch(
      /sealed with another key/,
    );
    expect(await refusal(() => openReferenceStore({ file: folder, key }))).toMatch(/^BAD_FILE/);
    const back = await openReferenceStore({ file, key });
    expect(await back.referenceOf(kept.agent, 1)).toBe(kept.reference);
  });

  it('notices while it is open that an older file was put in its place', async () => {
    const store = await openReferenceStore({ file, key });
    await store.keep(record(1));
    copyFileSync(file, `${file}.old`);
    await store.keep(record(2));
    copyFileSync(`${file}.old`, file);
    expect(await refusal(() => store.referenceOf(record(1).agent, 1))).toMatch(/not the store/);
    expect(await refusal(() => store.keep(record(3)))).toMatch(/not the store/);
    rmSync(file);
    expect(await refusal(() => store.keep(record(3)))).toMatch(/not the store/);
  });

  it('takes nothing that is sealed well but holds no reference values', async () => {
    for (const text of ['{}', '{"format":"muster-references-v2","records":[]}', 'no json']) {
      await writeSealed({ file, key, maxBytes: 1000 }, { generation: 1, text });
      expect(await refusal(() => openReferenceStore({ file, key }))).toMatch(/holds no reference values/);
    }
  });

  it('is bounded', async () => {
    const text = 'x'.repeat(1001);
    await expect(writeSealed({ file, key, maxBytes: 1000 }, { generation: 1, text })).rejects.toThrow(
      RangeError,
    );
    await writeSealed({ file, key, maxBytes: 2000 }, { generation: 1, text });
    expect(await refusal(() => readSealed({ file, key, maxBytes: 1000 }))).toMatch(/too long/);
  });

  it('says so when it cannot be written, and keeps what it had', async () => {
    const missing = join(folder, 'nowhere', 'x');
    const store = await openReferenceStore({ file: missing, key });
    expect(await refusal(() => store.keep(record(1)))).toMatch(/^CANNOT_WRITE/);
  });
});

describe('the key of the store', () => {
  it('is drawn once, for its owner alone', () => {
    const own = join(folder, 'store.key');
    const drawn = readStoreKey(own, true);
    expect(drawn).toHaveLength(32);
    expect(statSync(own).mode & 0o777).toBe(0o600);
    expect(readStoreKey(own, true)).toEqual(drawn);
    expect(readStoreKey(own, false)).toEqual(drawn);
  });

  it('is refused when others may read it, when it is a link, or is none, without being quoted', async () => {
    const own = join(folder, 'store.key');
    readStoreKey(own, true);
    chmodSync(own, 0o640);
    expect(await refusal(() => readStoreKey(own, true))).toMatch(/others may read it/);
    chmodSync(own, 0o600);
    symlinkSync(own, join(folder, 'link'));
    expect(await refusal(() => readStoreKey(join(folder, 'link'), false))).toMatch(/no file/);
    expect(await refusal(() => readStoreKey(join(folder, 'none'), false))).toMatch(/ENOENT/);
    writeFileSync(own, 'abcdef');
    expect(await refusal(() => readStoreKey(own, false))).not.toMatch(/abcdef/);
    expect(await refusal(() => keyOf('zz', 'MUSTER_STORE_KEY'))).toMatch(/^BAD_FILE.*MUSTER_STORE_KEY/);
  });
});
