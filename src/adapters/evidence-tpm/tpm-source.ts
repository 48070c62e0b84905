import type { EvidenceSource } from '../../ports/evidence-source.ts';
import type { TpmOptions } from './open-tpm.ts';
import { openTpm } from './open-tpm.ts';

/**
 * Adds to another source's evidence a TPM 2.0 quote over the nonce. With swtpm this shows the protocol, not trust in hardware. Throws
 * MusterError when there is no TPM or no tpm2-tools.
 */
export async function createTpmSource(inner: EvidenceSource, options: TpmOptions): Promise<EvidenceSource> {
  const tpm = await openTpm(options);
  return {
    ...inner,
    measure: async (handle, nonce) => {
      const evidence = await inner.measure(handle, nonce);
      return evidence.ok ? { ...evidence, quote: await tpm.quote(nonce) } : evidence;
    },
    close: async () => {
      await inner.close();
      tpm.close();
    },
  };
}
