import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Quote } from '../../ports/evidence-source.ts';

const run = promisify(execFile);

/**
 * Whether a quote is over this nonce, signed by this key (PEM, known from the guard's enrolment and not from the quote), and its
 * PCR values are those that were signed. Needs tpm2-tools and no TPM; whatever goes wrong is a no.
 */
export async function checkQuote(quote: Quote, nonce: Uint8Array, enrolledKey: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'muster-quote-'));
  const write = (name: string, bytes: Uint8Array | string) => {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    return path;
  };
  try {
    await run(
      'tpm2_checkquote',
      [
        ...[
          '-Q',
          '-u',
          write('key.pem', enrolledKey),
          '-g',
          'sha256',
          '-q',
          Buffer.from(nonce).toString('hex'),
        ],
        ...['-m', write('message', quote.message), '-s', write('signature', quote.signature)],
        ...['-f', write('pcrs', quote.pcrs)],
      ],
      { timeout: 10_000, killSignal: 'SIGKILL' },
    );
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
