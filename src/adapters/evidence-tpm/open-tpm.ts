import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Quote } from '../../ports/evidence-source.ts';
import { tpmTool } from './tpm-tools.ts';

/** What firmware and boot loader measure into. */
const PCRS = 'sha256:0,1,2,3,4,5,6,7';

export interface TpmOptions {
  /** Where it is reached, e.g. `device:/dev/tpmrm0` or `swtpm:path=/run/tpm.sock`. */
  readonly tcti: string;
  /** Directory for its files; absent: that of the machine. */
  readonly under?: string;
}

/** A TPM with its attestation key loaded. */
export interface Tpm {
  /** PEM; the same TPM always derives the same key. */
  readonly publicKey: string;
  /** Over a nonce of 32 bytes; one at a time. Throws MusterError when the TPM does not answer. */
  quote(nonce: Uint8Array): Promise<Quote>;
  close(): void;
}

/**
 * Opens a TPM 2.0 and derives a restricted signing key, which signs nothing but what the TPM itself has made. Throws MusterError
 * NOT_SUPPORTED when there is no TPM or no tpm2-tools.
 */
export async function openTpm({ tcti, under = tmpdir() }: TpmOptions): Promise<Tpm> {
  const folder = mkdtempSync(join(under, 'muster-tpm-'));
  const file = (name: string) => join(folder, name);
  const close = () => rmSync(folder, { recursive: true, force: true });
  try {
    await tpmTool(tcti, 'tpm2_createprimary', [
      ...['-C', 'e', '-g', 'sha256', '-G', 'ecc:ecdsa-sha256:null', '-c', file('key.ctx')],
      ...['-a', 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign'],
    ]);
    await tpmTool(tcti, 'tpm2_readpublic', ['-c', file('key.ctx'), '-f', 'pem', '-o', file('key.pem')]);
  } catch (error) {
    close();
    throw error;
  }
  const publicKey = readFileSync(file('key.pem'), 'utf8');
  let last: Promise<unknown> = Promise.resolve();

  const ask = async (nonce: Uint8Array): Promise<Quote> => {
    const [message, signature, pcrs] = [file('message'), file('signature'), file('pcrs')];
    await tpmTool(tcti, 'tpm2_quote', [
      ...['-c', file('key.ctx'), '-l', PCRS, '-q', Buffer.from(nonce).toString('hex'), '-g', 'sha256'],
      ...['-m', message, '-s', signature, '-o', pcrs],
    ]);
    const read = (path: string) => new Uint8Array(readFileSync(path));
    return { kind: 'tpm2', message: read(message), signature: read(signature), pcrs: read(pcrs), publicKey };
  };

  return {
    publicKey,
    quote: (nonce) => {
      // One TPM, one question at a time; an earlier one that failed does not stand in the way.
      const mine = last.then(
        () => ask(nonce),
        () => ask(nonce),
      );
      last = mine.catch(() => {});
      return mine;
    },
    close,
  };
}
