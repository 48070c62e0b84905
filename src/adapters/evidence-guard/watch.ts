import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Finding, Measurement } from '../../protocol/measurement.ts';
import type { ProcessRules } from './measure-process.ts';
import { measureProcess, probeProcess } from './measure-process.ts';

/** After so many sweeps each process has been measured in full. */
const TURNS = 10;

/** The processes that one guard looks after. Has no clock of its own: the guard sweeps when it wants to. */
export class Watch {
  readonly #watched = new Map<number, ProcessRules>();

  add(pid: number, rules: ProcessRules): void {
    this.#watched.set(pid, rules);
  }

  remove(pid: number): void {
    this.#watched.delete(pid);
  }

  /**
   * Light probes of all of them, and all probes of those whose `turn` it is, a tenth at a time: hashing all at once would hold up whoever
   * shares the machine. Answers those where something was found. `onFindings` is called at once, before the next process is looked at: it kills.
   */
  async sweep(
    onFindings: (pid: number, findings: readonly Finding[]) => void = () => {},
    turn?: number,
  ): Promise<ReadonlyMap<number, readonly Finding[]>> {
    const all = new Map<number, readonly Finding[]>();
    for (const [place, [pid, rules]] of [...this.#watched].entries()) {
      // Removed during an earlier turn.
      if (this.#watched.get(pid) !== rules) continue;
      const isInFull = turn !== undefined && (place + turn) % TURNS === 0;
      const { findings } = isInFull ? await measureProcess(pid, rules) : probeProcess(pid, rules);
      // It may have been stopped, or measured again by other rules, meanwhile.
      if (findings.length > 0 && this.#watched.get(pid) === rules) {
        onFindings(pid, findings);
        all.set(pid, findings);
      }
      await nextTurn();
    }
    return all;
  }

  /** All probes of one process. Throws RangeError for one that is not watched. */
  full(pid: number): Promise<Measurement> {
    const rules = this.#watched.get(pid);
    if (rules === undefined) return Promise.reject(new RangeError(`process ${pid} is not watched`));
    return measureProcess(pid, rules);
  }
}
