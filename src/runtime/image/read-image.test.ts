import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MusterError } from '../../protocol/errors.ts';
import { operatorsImage, ownImage } from '../genuine/agent-image.ts';
import { buildImage } from './build-image.ts';
import { makeOperatorKey, publicKeyOf } from './operator-key.ts';
import { imageOfOrder } from './read-image.ts';
import { imageDigest } from './wrap-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'muster-spawn-image-'));
const key = join(folder, 'operator.key');
let operator: string;
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => {
  makeOperatorKey(key);
  operator = publicKeyOf(`${key}.pub`);
});

/** An image of a one-line program, and the order for it. */
async function released(version: number, text = 'console.log(1)') {
  const entry = join(folder, 'main.ts');
  writeFileSync(entry, text);
  const about = { agent: 'a1', capabilities: [], runtime: 'node' as const, jitless: false };
  const { image, file } = await buildImage({ ...about, version, entry, key, outDir: folder });
  return { image: file, imageDigest: `0x${imageDigest(image.manifest)}` as const, version };
}

async function refusal(run: Promise<unknown>): Promise<string> {
  try {
    await run;
  } catch (error) {
    if (error instanceof MusterError) return `${error.exitCode} ${error.message}`;
    throw error;
  }
  return 'nothing was refused';
}

describe('the image of an order, as its guard takes it', () => {
  it('is the one that was ordered, and no older one, though validly signed', async () => {
    const [one, two] = [await released(1), await released(2)];
    expect((await imageOfOrder(two, operator, 1)).manifest.version).toBe(2);
    expect((await imageOfOrder(two, operator, 2)).manifest.version).toBe(2);
    expect(await refusal(imageOfOrder(one, operator, 2))).toMatch(/^3 .*version 1: older than version 2/);
    // Its file in the place of the one that was ordered.
    writeFileSync(two.image, readFileSync(one.image));
    expect(await refusal(imageOfOrder(two, operator, 1))).toMatch(/^3 .*not the one that was ordered/);
  });

  it('is signed by the operator and by nobody else', async () => {
    const order = await released(3);
    const { publicKey } = generateKeyPairSync('ed25519');
    const other = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    expect(await refusal(imageOfOrder(order, other, 0))).toMatch(/^3 .*signed by another key/);
    const text = readFileSync(order.image, 'utf8');
    writeFileSync(order.image, text.replace('"maxThreads": 16', '"maxThreads": 99'));
    expect(await refusal(imageOfOrder(order, operator, 0))).toMatch(/^3 .*its signature does not fit/);
    expect(await refusal(imageOfOrder({ ...order, image: folder }, operator, 0))).toMatch(/^64 cannot read/);
  });
});

describe('what agents are started from', () => {
  it('is the same image whenever it is built, but for its signer', async () => {
    const [one, two] = [await ownImage(folder), await ownImage(folder)];
    expect(imageDigest(two.verified.manifest)).toBe(imageDigest(one.verified.manifest));
    expect(two.operatorKey).not.toBe(one.operatorKey);
    const about = { agent: 'agent', version: 1, capabilities: [], runtime: 'node' as const, jitless: false };
    const { image } = await buildImage({ ...about, entry: undefined, key, outDir: folder });
    expect(imageDigest(image.manifest)).toBe(imageDigest(one.verified.manifest));
  });

  it('is not a program that Node does not run', async () => {
    const about = { agent: 'c', version: 1, capabilities: [], runtime: 'native' as const, jitless: true };
    const { file } = await buildImage({ ...about, entry: key, key, outDir: folder });
    expect(await refusal(operatorsImage(file, `${key}.pub`))).toMatch(/not for Node/);
  });
});
