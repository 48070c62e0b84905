import { createHash, randomBytes } from 'node:crypto';

/** Who starts something and looks at it later that hour still gets in. */
const CODE_MS = 3_600_000;
const MOST_CODES = 100;

/** Codes in the addresses that open the console: each opens it once. */
export class OneTimeCodes {
  readonly #nowMs: () => number;
  /** Until when each is good, by its hash. */
  readonly #until = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  make(): string {
    const [oldest] = this.#until.keys();
    if (this.#until.size >= MOST_CODES && oldest !== undefined) this.#until.delete(oldest);
    const code = randomBytes(24).toString('base64url');
    this.#until.set(digest(code), this.#nowMs() + CODE_MS);
    return code;
  }

  /** False: there is no such code, or it has been used, or its time is over. */
  take(code: string): boolean {
    const key = digest(code);
    const until = this.#until.get(key);
    this.#until.delete(key);
    return until !== undefined && until > this.#nowMs();
  }
}

function digest(code: string): string {
  return createHash('sha256').update(code).digest('hex');
}
