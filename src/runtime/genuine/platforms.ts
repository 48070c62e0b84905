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

/** Quotes of one site that are kept at a time: a pipeline has no more agents. */
const MOST_QUOTES = 256;
/** A quote leaves its site before the commit does: whoever asks after the commit waits for a slow machine only. */
const QUOTE_WITHIN_MS = 3000;

/** The machines of a pipeline, and the quotes of their TPMs on the way from the guard that commits to those who judge. */
export class Platforms {
  readonly enrolled: Readonly<Record<string, Platform>>;
  /** By site and round. */
  readonly #quotes = new Map<string, Map<number, PlatformQuote>>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(enrolled: Readonly<Record<string, Platform>>) {
    this.enrolled = enrolled;
  }

  /** A site speaks for rounds of its own agents: what it says of others is never asked for, and takes no place of theirs. */
  take(site: string, round: number, quote: PlatformQuote): void {
    if (!Object.hasOwn(this.enrolled, site)) return;
    const own = this.#quotes.get(site) ?? new Map<number, PlatformQuote>();
    this.#quotes.set(site, own.set(round, quote));
    const [oldest] = own.keys();
    if (own.size > MOST_QUOTES && oldest !== undefined) own.delete(oldest);
    for (const done of this.#waiting.get(`${site} ${round}`) ?? []) done();
  }

  /** The quote of a round that is to be judged; undefined: its site has no TPM, or gives none. */
  async quoteFor(state: LedgerState, number: number): Promise<PlatformQuote | undefined> {
    const round = state.rounds.get(number);
    const site = round === undefined ? undefined : guardOf(state, round)?.siteName;
    if (site === undefined || !Object.hasOwn(this.enrolled, site)) return undefined;
    const known = () => this.#quotes.get(site)?.get(number);
    if (known() === undefined) await this.#arrival(`${site} ${number}`);
    return known();
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
