import { readFileSync } from 'node:fs';
import type { WithheldTime } from '../../protocol/report.ts';

const EVERY_MS = 1000;
/** `steal` of the line `cpu` of /proc/stat (proc(5)); the numbers before it are times of the machine itself. */
const STEAL = 7;

interface Times {
  readonly stolen: number;
  readonly all: number;
}

export interface WithheldMeterOptions {
  /** The text of /proc/stat; fails where there is none. */
  readonly read?: () => string;
}

/** Measures how much of its processors' time a virtual machine is not given by its host, second by second. */
export class WithheldMeter {
  readonly #read: () => string;
  readonly #first: Times | undefined;
  #last: Times | undefined;
  #worst = 0;
  readonly #timer: NodeJS.Timeout;

  constructor({ read = () => readFileSync('/proc/stat', 'utf8') }: WithheldMeterOptions = {}) {
    this.#read = read;
    this.#first = this.#times();
    this.#last = this.#first;
    this.#timer = setInterval(() => this.sample(), EVERY_MS).unref();
  }

  /** Taken each second by itself. */
  sample(): void {
    const now = this.#times();
    if (now !== undefined && this.#last !== undefined) {
      this.#worst = Math.max(this.#worst, shareOf(this.#last, now));
    }
    this.#last = now;
  }

  /** Ends measuring. @returns undefined where the system does not tell. */
  stop(): WithheldTime | undefined {
    clearInterval(this.#timer);
    const now = this.#times();
    if (this.#first === undefined || now === undefined) return undefined;
    const share = shareOf(this.#first, now);
    return { share, worstSecondShare: Math.max(this.#worst, share) };
  }

  #times(): Times | undefined {
    try {
      const line = this.#read().split('\n', 1)[0] ?? '';
      const ticks = line
        .split(/\s+/)
        .slice(1, STEAL + 2)
        .map(Number);
      const stolen = ticks[STEAL];
      const all = ticks.reduce((sum, each) => sum + each, 0);
      return line.startsWith('cpu ') && stolen !== undefined && Number.isFinite(all)
        ? { stolen, all }
        : undefined;
    } catch {
      return undefined;
    }
  }
}

function shareOf(from: Times, to: Times): number {
  const all = to.all - from.all;
  return all <= 0 ? 0 : Math.max(0, Math.round(((to.stolen - from.stolen) / all) * 1000) / 1000);
}
