import { useEffect, useState } from 'react';
import { askText, Refused } from './ask.ts';

/** Asks for a text, once for each path. Null: it is not asked. */
export function useAskedText(path: string | null): {
  readonly value: string | undefined;
  readonly refused: Refused | undefined;
} {
  const [said, setSaid] = useState<{
    readonly path: string;
    readonly value?: string;
    readonly refused?: Refused;
  }>();
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    askText(path, abort.signal).then(
      (value) => setSaid({ path, value }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        setSaid({ path, refused: error instanceof Refused ? error : new Refused(0, String(error), '') });
      },
    );
    return () => abort.abort();
  }, [path]);
  return said?.path === path
    ? { value: said?.value, refused: said?.refused }
    : { value: undefined, refused: undefined };
}
