import { MusterError } from '../../protocol/errors.ts';

/** Something that is waited for until it holds: whoever changes what it depends on says so. */
export class TurningPoint {
  #onChange = (): void => {};

  changed(): void {
    this.#onChange();
  }

  /** Throws MusterError when it does not hold in time, with what `tell` says in its hint, or when `signal` aborts. */
  until(options: {
    readonly what: string;
    readonly withinMs: number;
    holds(): boolean;
    tell(): string;
    readonly signal: AbortSignal | undefined;
  }): Promise<void> {
    const { what, withinMs, holds, tell, signal } = options;
    return new Promise((resolve, reject) => {
      const done = (error?: MusterError): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', interrupt);
        this.#onChange = () => {};
        if (error === undefined) resolve();
        else reject(error);
      };
      const interrupt = () => done(new MusterError('INTERRUPTED', 'interrupted'));
      const timer = setTimeout(() => {
        const text = `not so within ${withinMs / 1000} s: ${what}`;
        done(new MusterError('ATTESTATION_REFUSED', text, { hint: tell() }));
      }, withinMs);
      signal?.addEventListener('abort', interrupt);
      this.#onChange = () => {
        if (holds()) done();
      };
      if (signal?.aborted === true) interrupt();
      else this.#onChange();
    });
  }
}
