import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EvidenceSource, Quote } from '../../ports/evidence-source.ts';
import { tpmTool } from './tpm-tools.ts';

/** What firmware and boot loader measure into. */
const PCRS = 'sha256:0,1,2,3,4,5,6,7';

/**
 * Adds to another source's evidence a TPM 2.0 quote over the nonce, by a restricted signing key made now. With swtpm this shows the
 * protocol, not trust in hardware. Throws MusterError when there is no TPM or no tpm2-tools.
 */
export async function createTpmSource(
  inner: EvidenceSource,
  options: { readonly tcti: string },
): Promise<EvidenceSource> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-tpm-'));
  const file = (name: string) => join(folder, name);
  const discard = () => rmSync(folder, { recursive: true, force: true });
  try {
    await tpmTool(options.tcti, 'tpm2_createprimary', [
      ...['-C', 'e', '-g', 'sha256', '-G', 'ecc:ecdsa-sha256:null', '-c', file('key.ctx')],
      ...['-a', 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign'],
    ]);
    await tpmTool(options.tcti, 'tpm2_readpublic', [
      ...['-c', file('key.ctx'), '-f', 'pem', '-o', file('key.pem')],
    ]);
  } catch (error) {
    discard();
    throw error;
  }
  const publicKey = readFileSync(file('key.pem'), 'utf8');
  let last: Promise<unknown> = Promise.resolve();

  const quote = async (nonce: Uint8Array): Promise<Quote> => {
    const [message, signature, pcrs] = [file('message'), file('signature'), file('pcrs')];
    await tpmTool(options.tcti, 'tpm2_quote', [
      ...['-c', file('key.ctx'), '-l', PCRS, '-q', Buffer.from(nonce).toString('hex'), '-g', 'sha256'],
      ...['-m', message, '-s', signature, '-o', pcrs],
    ]);
    const read = (path: string) => new Uint8Array(readFileSync(path));
    return { kind: 'tpm2', message: read(message), signature: read(signature), pcrs: read(pcrs), publicKey };
  };

  return {
    ...inner,
    measure: async (handle, nonce) => {
      const evidence = await inner.measure(handle, nonce);
      if (!evidence.ok) return evidence;
      // One TPM, one question at a time; an earlier one that failed does not stand in the way.
      const mine = last.then(
        () => quote(nonce),
        () => quote(nonce),
      );
      last = mine.catch(() => {});
      return { ...evidence, quote: await mine };
    },
    close: async () => {
      await inner.close();
      discard();
    },
  };
}
