import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tpm } from '../../adapters/evidence-tpm/open-tpm.ts';
import { openTpm } from '../../adapters/evidence-tpm/open-tpm.ts';
import type { SoftwareTpm } from '../../adapters/evidence-tpm/testing/software-tpm.ts';
import { hasSoftwareTpm, startSoftwareTpm } from '../../adapters/evidence-tpm/testing/software-tpm.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import type { Platform, PlatformQuote } from '../../protocol/platform.ts';
import { PlatformQuoteSchema } from '../../protocol/platform.ts';
import type { PlatformAppraisal } from './platform.ts';
import { platformTrouble, quoteHashOf, quoteToSend, siteIdOf } from './platform.ts';
import { account, evidenceOf, hex32 } from './testing/fake-ledger.ts';

const NONCE = hex32(7);
const nonceBytes = new Uint8Array(Buffer.from(NONCE.slice(2), 'hex'));
const PLATFORM: Platform = { publicKey: 'a key', pcrs: '0x01' };
const QUOTE: PlatformQuote = { message: '0x02', signature: '0x03', pcrs: '0x01' };

/** An appraisal where everything but the quote itself is as it should be. */
function appraisal(platform: Platform, quote: PlatformQuote, changes: Partial<PlatformAppraisal> = {}) {
  const keys = { incarnation: 1, kemKey: hex32(2), frameKey: hex32(3) };
  const evidence = { ...evidenceOf(keys), quoteHash: quoteHashOf(quote) };
  return {
    guard: { guard: account(1), site: siteIdOf('west', platform), siteName: 'west', enrolled: true },
    round: { nonce: NONCE, evidence },
    quote,
    platforms: { west: platform },
    ...changes,
  };
}

describe('the machine of an agent', () => {
  it('is not asked for where the site was enrolled without a TPM', async () => {
    const guard = { guard: account(1), site: siteIdOf('west'), siteName: 'west', enrolled: true };
    expect(await platformTrouble(appraisal(PLATFORM, QUOTE, { guard, quote: undefined }))).toBeUndefined();
  });

  it('is asked for by what the ledger says, whatever a daemon says', async () => {
    const trouble = (changes: Partial<PlatformAppraisal>) =>
      platformTrouble(appraisal(PLATFORM, QUOTE, changes));
    expect(await trouble({ platforms: {} })).toContain('not known as it was enrolled');
    expect(await trouble({ platforms: { west: { ...PLATFORM, publicKey: 'another' } } })).toContain(
      'not known',
    );
    expect(await trouble({ platforms: { west: { ...PLATFORM, pcrs: '0x05' } } })).toContain('not known');
    expect(await trouble({ guard: undefined })).toContain('no guard');
    const inherited = { guard: account(1), site: hex32(1), siteName: 'constructor', enrolled: true };
    expect(await trouble({ guard: inherited })).toContain('not known');
  });

  it('has to be quoted, with the very quote that its evidence names', async () => {
    expect(await platformTrouble(appraisal(PLATFORM, QUOTE, { quote: undefined }))).toContain('no quote');
    const other = { ...QUOTE, signature: '0x04' } as const;
    expect(await platformTrouble(appraisal(PLATFORM, QUOTE, { quote: other }))).toContain('not the one');
    expect(await platformTrouble(appraisal(PLATFORM, { ...QUOTE, pcrs: '0x09' }))).toContain(
      'other software',
    );
    // No quote at all, but bytes.
    expect(await platformTrouble(appraisal(PLATFORM, QUOTE))).toContain('not over this challenge');
  });
});

describe.runIf(hasSoftwareTpm)('a quote (swtpm, tpm2-tools)', () => {
  const software: SoftwareTpm[] = [];
  const tpms: Tpm[] = [];
  beforeAll(async () => {
    for (let each = 0; each < 2; each++) {
      const started = await startSoftwareTpm();
      software.push(started);
      tpms.push(await openTpm({ tcti: started.tcti }));
    }
  });
  afterAll(async () => {
    for (const tpm of tpms) tpm.close();
    for (const each of software) await each.stop();
  });
  const enrolled = async (which: number): Promise<Platform> => {
    const { publicKey, pcrs } = await quoted(which, new Uint8Array(32));
    return { publicKey, pcrs: toHex(pcrs) };
  };
  const quoted = (which: number, nonce = nonceBytes) => {
    const tpm = tpms[which];
    if (tpm === undefined) throw new Error('there is no such TPM');
    return tpm.quote(nonce);
  };

  it('of the enrolled TPM over this nonce speaks for its machine', async () => {
    const quote = quoteToSend(await quoted(0));
    expect(PlatformQuoteSchema.safeParse(quote).success).toBe(true);
    expect(await platformTrouble(appraisal(await enrolled(0), quote))).toBeUndefined();
  });

  it('of another TPM does not, with the same measurements and over the same nonce', async () => {
    const quote = quoteToSend(await quoted(1));
    expect(await platformTrouble(appraisal(await enrolled(0), quote))).toContain('not by the TPM of west');
    expect(await platformTrouble(appraisal(await enrolled(1), quote))).toBeUndefined();
  });

  it('from an earlier round does not', async () => {
    const replayed = quoteToSend(await quoted(0, new Uint8Array(32).fill(6)));
    expect(await platformTrouble(appraisal(await enrolled(0), replayed))).toContain(
      'not over this challenge',
    );
  });

  it('after other software was started does not, nor with the measurements of before put in its place', async () => {
    const [tpm] = software;
    if (tpm === undefined) throw new Error('there is no TPM');
    const platform = await enrolled(0);
    const value = `4:sha256=${'11'.repeat(32)}`;
    execFileSync('tpm2_pcrextend', ['-Q', value], { env: { ...process.env, TPM2TOOLS_TCTI: tpm.tcti } });
    const quote = quoteToSend(await quoted(0));
    expect(await platformTrouble(appraisal(platform, quote))).toContain('other software');
    const passedOff = { ...quote, pcrs: platform.pcrs };
    expect(await platformTrouble(appraisal(platform, passedOff))).toContain('not over this challenge');
  });
});
