import { fromHex } from '../../adapters/keys/hex.ts';
import type { Hex } from '../../protocol/ledger.ts';
import type { ToSite } from '../../protocol/site-control.ts';
import type { Dealt } from '../registry/share-out.ts';
import { sealShares } from '../trust/dealt-shares.ts';

export interface ShareDealerOptions {
  /** Undefined: not known yet. */
  pipeline(): string | undefined;
  send(site: string, message: ToSite): void;
}

/** Seals what the registry deals to the holder that it is for, and to nobody else on the way there. */
export class ShareDealer {
  readonly #options: ShareDealerOptions;
  readonly #keys = new Map<string, Hex>();

  constructor(options: ShareDealerOptions) {
    this.#options = options;
  }

  /** The daemon of a site has come up with that key. */
  learn(site: string, kemKey: Hex): void {
    this.#keys.set(site, kemKey);
  }

  knows(site: string): boolean {
    return this.#keys.has(site);
  }

  /** A daemon that is away is dealt to when it is back: it has a new key then. */
  async deal(site: string, { agent, incarnation, threshold, x, shares }: Dealt): Promise<void> {
    const kemKey = this.#keys.get(site);
    const pipeline = this.#options.pipeline();
    if (kemKey === undefined || pipeline === undefined) return;
    const pairs = shares.flatMap(({ nonce, bytes }): [Uint8Array, Uint8Array][] => {
      const raw = fromHex(nonce, 32);
      return raw === undefined ? [] : [[raw, bytes]];
    });
    const deal = { pipeline, site, agent, incarnation };
    const sealed = await sealShares(kemKey, deal, [x, threshold, pairs]).catch(() => undefined);
    if (sealed !== undefined) this.#options.send(site, { kind: 'shares', agent, incarnation, sealed });
  }
}
