import { randomBytes } from 'node:crypto';
import { toHex } from '../../adapters/keys/hex.ts';
import type { OutputRegister } from '../../core/attestation/output-register.ts';
import type { Outputs, OutputsWanted } from '../../protocol/decision-disclosure.ts';
import type { Hex } from '../../protocol/ledger.ts';

/** What is asked is asked again after that time, ms: what an agent has said may still be on its way to its daemon. */
const AGAIN_MS = 300;

export type AskedOutputs = Pick<OutputsWanted, 'at' | 'agent' | 'incarnation' | 'head'>;

/** Where whoever verifies waits for what daemons have seen come out of agents. */
export class OutputsDesk {
  readonly #options: { readonly from: string; send(message: OutputsWanted): void };
  readonly #waiting = new Map<Hex, (register: OutputRegister) => void>();

  /** `from`: where the replies are to go, see `OutputsWanted`. */
  constructor(options: { readonly from: string; send(message: OutputsWanted): void }) {
    this.#options = options;
  }

  take({ request, register }: Outputs): void {
    this.#waiting.get(request)?.(register);
  }

  /** Undefined: the daemon has not seen the agent state that head, or does not answer, within `withinMs`. */
  ask(asked: AskedOutputs, withinMs: number): Promise<OutputRegister | undefined> {
    const { from, send } = this.#options;
    const request = toHex(randomBytes(32));
    return new Promise((resolve) => {
      const done = (register: OutputRegister | undefined): void => {
        this.#waiting.delete(request);
        clearInterval(again);
        clearTimeout(end);
        resolve(register);
      };
      const once = (): void => send({ kind: 'outputs-wanted', from, request, ...asked });
      const again = setInterval(once, AGAIN_MS);
      const end = setTimeout(() => done(undefined), withinMs);
      this.#waiting.set(request, done);
      once();
    });
  }
}
