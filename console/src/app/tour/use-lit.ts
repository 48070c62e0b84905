import { useEffect } from 'react';

/** Lights a part of the view up, as soon as it is there, and brings it into sight; undefined: nothing is lit. `step`: lit anew for each. */
export function useLit(part: string | undefined, step: number): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the next step may be lit in the same part of another view
  useEffect(() => {
    if (part === undefined) return;
    const { dataset } = document.documentElement;
    dataset['lit'] = part;
    const show = (): boolean => {
      const found = document.querySelector(`[data-tour="${part}"]`);
      found?.scrollIntoView({ block: 'nearest' });
      return found !== null;
    };
    const watch = new MutationObserver(() => {
      if (show()) watch.disconnect();
    });
    if (!show()) watch.observe(document.body, { childList: true, subtree: true });
    return () => {
      watch.disconnect();
      delete dataset['lit'];
    };
  }, [part, step]);
}
