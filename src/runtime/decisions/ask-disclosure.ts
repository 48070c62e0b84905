import { randomBytes } from 'node:crypto';
import { toHex } from '../../adapters/keys/hex.ts';
import { newKemKey } from '../../adapters/keys/kem-key.ts';
import type { DisclosurePart, DisclosureWanted } from '../../protocol/decision-disclosure.ts';
import type { Hex } from '../../protocol/ledger.ts';
import { disclosureContext } from './disclose.ts';

/** What is asked is asked again after that time, ms: a daemon on the way may have been away. */
const AGAIN_MS = 2000;

export interface AskedDisclosure {
  /** Site of the agent. */
  readonly at: string;
  readonly round: number;
  readonly answer: Hex;
  readonly head: Hex;
  readonly seed: Hex;
  readonly withinMs: number;
}

/** Where whoever verifies waits for what agents disclose. */
export class DisclosureDesk {
  readonly #options: { readonly from: string; send(message: DisclosureWanted): void };
  readonly #waiting = new Map<Hex, (part: DisclosurePart) => void>();

  /** `from`: where the replies are to go, see `DisclosureWanted`. */
  constructor(options: { readonly from: string; send(message: DisclosureWanted): void }) {
    this.#options = options;
  }

  take(part: DisclosurePart): void {
    this.#waiting.get(part.request)?.(part);
  }

  /** The packed disclosure, opened. Undefined: it did not come in time, or cannot be opened. */
  async ask(asked: AskedDisclosure): Promise<Uint8Array | undefined> {
    const kemKey = await newKemKey();
    const { head, seed, withinMs } = asked;
    const endMs = performance.now() + withinMs;
    for (let leftMs = withinMs; leftMs > 0; leftMs = endMs - performance.now()) {
      const sealed = await this.#once(asked, kemKey.publicKey, leftMs);
      if (sealed !== undefined) return kemKey.open(sealed, disclosureContext(head, seed));
    }
    return undefined;
  }

  /** One try; it goes on while parts come. */
  #once(
    { at, round, answer }: AskedDisclosure,
    kemKey: Hex,
    leftMs: number,
  ): Promise<Uint8Array | undefined> {
    const { from, send } = this.#options;
    const request = toHex(randomBytes(32));
    return new Promise((resolve) => {
      const parts: Buffer[] = [];
      const done = (sealed: Uint8Array | undefined): void => {
        this.#waiting.delete(request);
        clearTimeout(end);
        clearTimeout(silence);
        resolve(sealed);
      };
      const end = setTimeout(() => done(undefined), leftMs);
      const silence = setTimeout(() => done(undefined), AGAIN_MS);
      this.#waiting.set(request, ({ index, of, part }) => {
        // Parts travel in order over one connection: another order is no disclosure.
        if (index !== parts.length) return done(undefined);
        parts.push(Buffer.from(part, 'base64'));
        silence.refresh();
        if (parts.length === of) done(Buffer.concat(parts));
      });
      send({ kind: 'disclosure-wanted', at, from, round, request, answer, kemKey });
    });
  }
}
