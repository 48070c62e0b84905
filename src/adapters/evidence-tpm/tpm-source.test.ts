import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EvidenceSource, Quote } from '../../ports/evidence-source.ts';
import { createGuardSource } from '../evidence-guard/guard-source.ts';
import { sampleAgent } from '../evidence-guard/testing/sample-agent.ts';
import { checkQuote } from './check-quote.ts';
import { openTpm } from './open-tpm.ts';
import type { SoftwareTpm } from './testing/software-tpm.ts';
import { hasSoftwareTpm, startSoftwareTpm } from './testing/software-tpm.ts';
import { createTpmSource } from './tpm-source.ts';

let folder = '';
const tpms: SoftwareTpm[] = [];
let source: EvidenceSource | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-tpm-test-'));
});
afterEach(async () => {
  await source?.close();
  source = undefined;
  for (const tpm of tpms.splice(0)) await tpm.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function tpm(): Promise<string> {
  const started = await startSoftwareTpm();
  tpms.push(started);
  return started.tcti;
}

it.runIf(hasSoftwareTpm)(
  'adds quotes that fit their nonce and key, and no other (swtpm, tpm2-tools)',
  async () => {
    source = await createTpmSource(await createGuardSource(), { tcti: await tpm(), under: folder });
    const handle = await source.start(sampleAgent(), () => {});
    const nonces = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const quotes: Quote[] = [];
    // Asked at once: there is only one TPM.
    const measure = source.measure;
    for (const evidence of await Promise.all(nonces.map((nonce) => measure(handle, nonce)))) {
      if (evidence.ok && evidence.quote !== undefined) quotes.push(evidence.quote);
    }
    const [one, two] = quotes;
    if (one === undefined || two === undefined) throw new Error('a quote is missing');
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = nonces;
    expect(await checkQuote(one, first, one.publicKey)).toBe(true);
    expect(await checkQuote(two, second, one.publicKey)).toBe(true);
    expect(await checkQuote(one, second, one.publicKey)).toBe(false);
    const flipped = Uint8Array.from(one.message, (byte, index) => (index === 60 ? byte ^ 1 : byte));
    expect(await checkQuote({ ...one, message: flipped }, first, one.publicKey)).toBe(false);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    const foreignKey = other.export({ type: 'spki', format: 'pem' }).toString();
    expect(await checkQuote(one, first, foreignKey)).toBe(false);
    await source.close();
    expect(readdirSync(folder)).toEqual([]);
  },
);

it.runIf(hasSoftwareTpm)('a TPM keeps its key, and another has another (swtpm, tpm2-tools)', async () => {
  const [one, other] = [await tpm(), await tpm()];
  const keys: string[] = [];
  for (const tcti of [one, one, other]) {
    const opened = await openTpm({ tcti, under: folder });
    keys.push(opened.publicKey);
    opened.close();
  }
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
});

it('says what is missing where there is no TPM', async () => {
  const guard = await createGuardSource();
  await expect(
    createTpmSource(guard, { tcti: `swtpm:path=${folder}/none`, under: folder }),
  ).rejects.toMatchObject({ code: 'NOT_SUPPORTED' });
  expect(readdirSync(folder)).toEqual([]);
});
