import type { ChildProcess } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import type { EvidenceSource, Quote } from '../../ports/evidence-source.ts';
import { createGuardSource } from '../evidence-guard/guard-source.ts';
import { sampleAgent } from '../evidence-guard/testing/sample-agent.ts';
import { checkQuote } from './check-quote.ts';
import { createTpmSource } from './tpm-source.ts';

const hasTpm = ['swtpm', 'tpm2_quote'].every((tool) => spawnSync(tool, ['--version']).status === 0);
const folder = mkdtempSync(join(tmpdir(), 'muster-swtpm-'));
let tpm: ChildProcess | undefined;
let source: EvidenceSource | undefined;

afterEach(async () => {
  await source?.close();
  if (tpm !== undefined && tpm.exitCode === null && tpm.signalCode === null) {
    const gone = once(tpm, 'exit');
    tpm.kill('SIGKILL');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A TPM in software; answers where it is reached. */
async function startTpm(): Promise<string> {
  const socket = join(folder, 'tpm.sock');
  tpm = spawn(
    'swtpm',
    [
      ...['socket', '--tpm2', '--tpmstate', `dir=${folder}`, '--flags', 'not-need-init,startup-clear'],
      ...['--server', `type=unixio,path=${socket}`, '--ctrl', `type=unixio,path=${socket}.ctrl`],
    ],
    { stdio: 'ignore' },
  );
  await vi.waitFor(() => expect(existsSync(socket) && existsSync(`${socket}.ctrl`)).toBe(true), 5000);
  return `swtpm:path=${socket}`;
}

it.runIf(hasTpm)('adds quotes that fit their nonce and key, and no other (swtpm, tpm2-tools)', async () => {
  source = await createTpmSource(await createGuardSource(), { tcti: await startTpm() });
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
  const { generateKeyPairSync } = await import('node:crypto');
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  const foreignKey = other.export({ type: 'spki', format: 'pem' }).toString();
  expect(await checkQuote(one, first, foreignKey)).toBe(false);
});

it('says what is missing where there is no TPM', async () => {
  const guard = await createGuardSource();
  await expect(createTpmSource(guard, { tcti: `swtpm:path=${folder}/none` })).rejects.toMatchObject({
    code: 'NOT_SUPPORTED',
  });
});
