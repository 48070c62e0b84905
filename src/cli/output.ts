export interface Output {
  /** Why standard output could not be written, once all of it has been tried; undefined: it was written. */
  lost(): Promise<string | undefined>;
}

/** Minds what becomes of what is printed: nothing stops half-way over it, since what is running cleans up first. */
export function watchOutput(): Output {
  let why: string | undefined;
  const take = (error: Error) => {
    // A reader that has gone (a closed terminal, `| head`) has had what it wanted.
    const gone = 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');
    if (!gone) why ??= 'code' in error && error.code === 'ENOSPC' ? 'no space is left' : error.message;
  };
  process.stdout.on('error', take);
  process.stderr.on('error', () => {});
  return {
    lost: async () => {
      await new Promise<void>((resolve) => {
        process.stdout.write('', () => resolve());
      });
      // An error of a write comes one turn after its callback.
      await new Promise<void>((resolve) => setImmediate(resolve));
      return why;
    },
  };
}
