import { checkQuote } from '../../adapters/evidence-tpm/check-quote.ts';
import { fromHex, toHex } from '../../adapters/keys/hex.ts';
import { canonicalText } from '../../core/attestation/canonical-text.ts';
import type { GuardState, RoundState } from '../../core/attestation/ledger-model.ts';
import type { Quote } from '../../ports/evidence-source.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { Platform, PlatformQuote } from '../../protocol/platform.ts';
import { sha256 } from '../guard/expected.ts';

/**
 * What the ledger calls a site: of one with a TPM it covers the key and the boot measurements that the operator has enrolled, so that
 * everybody can tell from the ledger whether a quote is asked of it, and by which key.
 */
export function siteIdOf(name: string, platform?: Platform): Hex {
  return `0x${sha256(platform === undefined ? name : `muster-platform-v1\n${canonicalText({ site: name, ...platform })}`)}`;
}

/** What evidence says of the quote that came with it. */
export function quoteHashOf({ message, signature, pcrs }: PlatformQuote): Hex {
  return `0x${sha256(`muster-quote-v1\n${canonicalText({ message, signature, pcrs })}`)}`;
}

export function quoteToSend({ message, signature, pcrs }: Quote): PlatformQuote {
  return { message: toHex(message), signature: toHex(signature), pcrs: toHex(pcrs) };
}

export interface PlatformAppraisal {
  /** Of the agent that is measured, as the ledger has it. */
  readonly guard: GuardState | undefined;
  readonly round: Pick<RoundState, 'nonce' | 'evidence'>;
  readonly quote: PlatformQuote | undefined;
  /** By site; what is not as it was enrolled is of no use. */
  readonly platforms: Readonly<Record<string, Platform>>;
}

/**
 * What speaks against the machine that an agent was measured on; undefined: nothing, or its site was enrolled without a TPM. An
 * exception while appraising speaks against it.
 */
export async function platformTrouble(appraisal: PlatformAppraisal): Promise<string | undefined> {
  try {
    return await troubleOf(appraisal);
  } catch (error) {
    return `its quote cannot be appraised: ${error instanceof Error ? error.message.slice(0, 200) : 'no reason'}`;
  }
}

async function troubleOf({ guard, round, quote, platforms }: PlatformAppraisal): Promise<string | undefined> {
  if (guard === undefined) return 'it has no guard';
  const { site, siteName } = guard;
  if (site === siteIdOf(siteName)) return undefined;
  const platform = Object.hasOwn(platforms, siteName) ? platforms[siteName] : undefined;
  if (platform === undefined || siteIdOf(siteName, platform) !== site)
    return `the platform of ${siteName} is not known as it was enrolled`;
  if (quote === undefined) return `there is no quote of the platform of ${siteName}`;
  if (quoteHashOf(quote) !== round.evidence?.quoteHash) return 'its quote is not the one of its evidence';
  if (quote.pcrs !== platform.pcrs)
    return `${siteName} was started with other software than it was enrolled with`;
  const nonce = fromHex(round.nonce, 32);
  const { publicKey } = platform;
  const genuine = nonce !== undefined && (await checkQuote(quoteOf(quote, publicKey), nonce, publicKey));
  return genuine ? undefined : `its quote is not over this challenge, or not by the TPM of ${siteName}`;
}

function quoteOf({ message, signature, pcrs }: PlatformQuote, publicKey: string): Quote {
  const bytes = (hex: Hex) => new Uint8Array(Buffer.from(hex.slice(2), 'hex'));
  return { kind: 'tpm2', message: bytes(message), signature: bytes(signature), pcrs: bytes(pcrs), publicKey };
}
