import { useSearchParams } from 'wouter';
import { countBefore } from '../../data/count-before.ts';

/** Steps from one of these positions of the journal to the next; undefined: there is none that way. */
export function useStep(positions: readonly number[], end: number) {
  const [, setParams] = useSearchParams();
  const count = countBefore(positions, end);
  const to = (position: number | undefined) =>
    position === undefined
      ? undefined
      : () =>
          setParams((before) => {
            const next = new URLSearchParams(before);
            // Just after it.
            next.set('at', String(position + 1));
            return next;
          });
  return { back: to(positions[count - 2]), on: to(positions[count]) };
}
