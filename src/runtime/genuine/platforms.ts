import { randomBytes } from 'node:crypto';
import { checkQuote } from '../../adapters/evidence-tpm/check-quote.ts';
import { openTpm } from '../../adapters/evidence-tpm/open-tpm.ts';
import { toHex } from '../../adapters/keys/hex.ts';
import type { GuardState, LedgerState, RoundState } from '../../core/attestation/ledger-model.ts';
import { MusterError } from '../../protocol/errors.ts';
import type { Platform, PlatformQuote } from '../../protocol/platform.ts';
import { platformTrouble } from '../trust/platform.ts';

/** What stands behind the evidence of guards: themselves, or the TPM of their site as well. */
export type EvidenceChoice =
  | { readonly kind: 'guard' }
  /** Where the TPM of a site is reached, as tpm2-tools write it; one TPM may serve several sites through a resource manager. */
  | { readonly kind: 'guard+tpm'; tctiOf(site: string): string };

/** Quotes that are kept at a time. */
const MOST_QUOTES = 1024;
/** A quote leaves its site before the commit does: whoever asks after the commit waits for a slow machine only. */
const QUOTE_WITHIN_MS = 3000;

/** The machines of a pipeline, and the quotes of their TPMs on the way from the guard that commits to those who judge. */
export class Platforms {
  readonly enrolled: Readonly<Record<string, Platform>>;
  readonly #quotes = new Map<string, PlatformQuote>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(enrolled: Readonly<Record<string, Platform>>) {
    this.enrolled = enrolled;
  }

  /** A site speaks for rounds of its own agents: what it says of others is never asked for. */
  take(site: string, round: number, quote: PlatformQuote): void {
    const [oldest] = this.#quotes.keys();
    if (this.#quotes.size >= MOST_QUOTES && oldest !== undefined) this.#quotes.delete(oldest);
    this.#quotes.set(`${site} ${round}`, quote);
    for (const done of this.#waiting.get(`${site} ${round}`) ?? []) done();
  }

  /** The quote of a round that is to be judged; undefined: its site has no TPM, or gives none. */
  async quoteFor(state: LedgerState, number: number): Promise<PlatformQuote | undefined> {
    const round = state.rounds.get(number);
    const site = round === undefined ? undefined : guardOf(state, round)?.siteName;
    if (site === undefined || !Object.hasOwn(this.enrolled, site)) return undefined;
    const key = `${site} ${number}`;
    if (!this.#quotes.has(key)) await this.#arrival(key);
    return this.#quotes.get(key);
  }

  /** See `platformTrouble`. */
  async trouble(state: LedgerState, round: RoundState): Promise<string | undefined> {
    const quote = await this.quoteFor(state, round.round);
    return platformTrouble({ guard: guardOf(state, round), round, quote, platforms: this.enrolled });
  }

  #arrival(key: string): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key) ?? new Set();
      this.#waiting.set(key, waiting);
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(done);
        if (waiting.size === 0) this.#waiting.delete(key);
        resolve();
      };
      const timer = setTimeout(done, QUOTE_WITHIN_MS);
      waiting.add(done);
    });
  }
}

/**
 * Reads the attestation key and the boot measurements of each site's TPM, for the operator to enrol. Throws MusterError NOT_SUPPORTED
 * where there is no TPM, or no tpm2-tools.
 */
export async function readPlatforms(
  sites: readonly string[],
  evidence: EvidenceChoice | undefined,
): Promise<Platforms> {
  if (evidence?.kind !== 'guard+tpm') return new Platforms({});
  const enrolled: Record<string, Platform> = {};
  // One after the other: sites may share a TPM.
  for (const site of sites) enrolled[site] = await readPlatform(evidence.tctiOf(site));
  return new Platforms(enrolled);
}

async function readPlatform(tcti: string): Promise<Platform> {
  const tpm = await openTpm({ tcti });
  try {
    const nonce = new Uint8Array(randomBytes(32));
    const quote = await tpm.quote(nonce);
    if (!(await checkQuote(quote, nonce, tpm.publicKey))) {
      throw new MusterError('NOT_SUPPORTED', `quotes of the TPM at ${tcti} cannot be checked here`, {
        hint: 'apt-get install tpm2-tools',
      });
    }
    return { publicKey: tpm.publicKey, pcrs: toHex(quote.pcrs) };
  } finally {
    tpm.close();
  }
}

function guardOf(state: LedgerState, round: RoundState): GuardState | undefined {
  return state.guards.get(state.agents.get(round.agent)?.guard ?? '0x');
}
